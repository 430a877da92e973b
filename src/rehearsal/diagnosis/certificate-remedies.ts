import type { Facts } from '../../failure.js';
import type { Check } from '../../firmware/certificate-policy.js';
import { exchangeCertificateRemedy } from './exchange-remedies.js';
import { fact, type Remedy } from './remedy.js';

/** Uses of the Front End certificate that `Request-CsCertificate` knows, for the usual case of one certificate for all. */
const frontEndUses = 'Default,WebServicesInternal,WebServicesExternal';

function reissue(names: string, extra = ''): string[] {
  return [
    `Request-CsCertificate -New -Type ${frontEndUses} -ComputerFqdn "<Front End FQDN>" -DomainName "${names}" -CA "<CA host\\CA name>"${extra}`,
    `Set-CsCertificate -Type ${frontEndUses} -Thumbprint <thumbprint of the new certificate>`,
    'Restart-Service RTCSRV',
  ];
}

/** Brings a newer build to the phones. */
export const approveUpdate = [
  'Import-CsDeviceUpdate -Identity "service:WebServer:<web server FQDN>" -FileName UCUpdates.cab',
  'Get-CsDeviceUpdateRule | Approve-CsDeviceUpdateRule',
];

/** A check of the certificate policy that failed, as the failure carries it. */
export type FailedCheck = Pick<Check, 'rule' | 'facts'>;

/** What to change so that a server certificate passes the first check it failed; the others come to light when that one is mended. */
export function certificateRemedy([check]: readonly FailedCheck[], facts: Facts): Remedy {
  const remedy = facts['service'] === 'exchange' ? exchangeCertificateRemedy(check, facts) : undefined;
  if (remedy !== undefined) return remedy;
  const host = fact(facts, 'host', '<host name>');
  switch (check?.rule) {
    case 'name': {
      const update = check.facts['wildcard'] !== undefined
        ? '; builds from 4.0.7577.4100 on accept the wildcard, but a phone has to reach the update service to get one' : '';
      return {
        sentence: `Reissue the certificate with ${host} spelt out as a subject alternative name and restart the service${update}.`,
        commands: reissue(host),
      };
    }
    case 'name-in-sip-domain':
      return {
        sentence: `Reissue the certificate with ${host} spelt out as a subject alternative name: on SIP connections this build counts a wildcard only within the user's own SIP domain.`,
        commands: reissue(host),
      };
    case 'trust':
    case 'chain-complete':
      return {
        sentence: 'Let the phone learn the root: publish it in Active Directory for tethered phones, list it for the certificate web service for PIN phones, and have the server send its intermediates; a phone that learnt another chain before needs a reset.',
        commands: [
          'certutil -f -dspublish <root.cer> RootCA',
          '$root = New-CsWebTrustedCACertificate -Thumbprint <root thumbprint> -CAStore TrustedRootCA',
          'Set-CsWebServiceConfiguration -Identity Global -TrustedCACerts @{Add=$root}',
        ],
      };
    case 'validity':
      return {
        sentence: 'Renew the certificate, or, if its dates are right, give the phone the right time: it judges them by its own clock.',
        commands: ['Get-CsCertificate | Format-List Use, Subject, NotBefore, NotAfter', ...reissue(host)],
      };
    case 'signature-hash':
      return {
        sentence: 'Bring the phones to a build that knows this hash before the certificate changes, or keep a chain signed with one they know.',
        commands: approveUpdate,
      };
    case 'rsa-pss':
      return {
        sentence: 'Have the CA sign with PKCS #1 v1.5: Lync supports no RSASSA-PSS, which a Windows CA uses when its alternate signature format is on.',
        commands: ['certutil -setreg CA\\csp\\AlternateSignatureAlgorithm 0   (on the CA)', 'Restart-Service CertSvc   (on the CA)', ...reissue(host)],
      };
    case 'key-type':
    case 'key-size':
      return { sentence: 'Reissue the certificate with an RSA key of 2048 bits.', commands: reissue(host, ' -KeySize 2048') };
    case 'extended-key-usage':
      return { sentence: 'Reissue the certificate from a template that allows server authentication (1.3.6.1.5.5.7.3.1).', commands: reissue(host, ' -Template WebServer') };
    case 'tls-version':
      return {
        sentence: 'Leave TLS 1.0 switched on for these phones, on the server and on every proxy in front of it: their system has nothing newer.',
        commands: ['Get-ItemProperty "HKLM:\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.0\\Server"'],
      };
    case 'bare-common-name':
    case 'well-formed':
    case 'basic-constraints':
    case 'path-length':
    case 'chain-length':
    case undefined:
      return { sentence: 'Reissue the certificate from a CA whose chain is well formed: CA certificates marked as such, path lengths kept.', commands: reissue(host) };
  }
}
