import { certProvPath } from '../../protocol/certprov/path.js';
import { formatAuthentication } from '../../protocol/sip/authentication-header.js';
import type { SipHeader, SipMessage } from '../../protocol/sip/message.js';
import type { Deployment } from '../deployment.js';
import { isOf2010OrLater } from './client-version.js';
import type { RemoteAccess } from './connection.js';
import type { Handshake } from './handshake.js';

/** A constant of the server's configuration (MS-SIPAE 3.1). */
export const realm = 'SIP Communications Service';

/** The server that challenges. */
export interface Challenger {
  fqdn: string;
  /** Of the protocol (MS-SIPAE 3.3.5.1): 4 is Lync's. Servers before it know no TLS-DSK. */
  authenticationVersion: 3 | 4;
}

/** Whether server and policy let the client that sent a request authenticate so. */
export function isOffered(scheme: string, { policy }: Deployment, { authenticationVersion }: Challenger, request: SipMessage): scheme is Handshake['scheme'] {
  if (scheme === 'TLS-DSK') return authenticationVersion >= 4 && policy.UseCertificateForClientToProxyAuth;
  return scheme === 'NTLM' && policy.UseNtlmForClientToProxyAuth && !(policy.DisableNtlmFor2010AndLaterClients && isOf2010OrLater(request));
}

/**
 * The first challenge: a line for each scheme (MS-SIPAE 3.3.5.1). Kerberos is named as real servers do, but has no KDC here; a client outside, which
 * could not reach one either, is not offered it and is told what it is (MS-SIPRE 2.2.16).
 */
export function challengeHeaders(deployment: Deployment, server: Challenger, remote: RemoteAccess | undefined, request: SipMessage): SipHeader[] {
  const { fqdn } = server;
  const line = (scheme: string, targetName: string, extra: readonly (readonly [string, string])[] = []) => ({
    name: 'WWW-Authenticate',
    value: formatAuthentication(scheme, [['realm', realm], ['targetname', targetName], ['version', String(server.authenticationVersion)], ...extra]),
  });
  const certProvUrl = certProvisioningUrl(deployment, remote?.webServer ?? fqdn);
  return [
    { name: 'Date', value: new Date(deployment.now()).toUTCString() },
    ...(isOffered('NTLM', deployment, server, request) ? [line('NTLM', fqdn)] : []),
    ...(remote === undefined && deployment.policy.UseKerberosForClientToProxyAuth ? [line('Kerberos', `sip/${fqdn}`)] : []),
    ...(isOffered('TLS-DSK', deployment, server, request) ? [line('TLS-DSK', fqdn, certProvUrl === undefined ? [] : [['sts-uri', certProvUrl]])] : []),
    ...(remote === undefined ? [] : [{ name: 'ms-user-logon-data', value: 'RemoteUser' }]),
  ];
}

/** In the middle of a handshake: only its own scheme, with the server's token. */
export function tokenHeaders(deployment: Deployment, { fqdn, authenticationVersion }: Challenger, handshake: Handshake, token: Buffer): SipHeader[] {
  return [
    { name: 'Date', value: new Date(deployment.now()).toUTCString() },
    {
      name: 'WWW-Authenticate',
      value: formatAuthentication(handshake.scheme, [
        ['opaque', handshake.opaque], ['gssapi-data', token.toString('base64')], ['targetname', fqdn], ['realm', realm],
        ['version', String(authenticationVersion)],
      ]),
    },
  ];
}

/** The certificate service of this machine, or of the first one that has web services. */
function certProvisioningUrl(deployment: Deployment, fqdn: string): string | undefined {
  const web = deployment.topology.servers.filter((server) => server.web);
  const server = web.find((candidate) => candidate.fqdn === fqdn) ?? web[0];
  return server && `${deployment.baseUrl(server.fqdn, 'https')}${certProvPath}`;
}
