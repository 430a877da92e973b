/** Uses of the Front End certificate that `Request-CsCertificate` knows, for the usual case of one certificate for all. */
const frontEndUses = 'Default,WebServicesInternal,WebServicesExternal';

/**
 * Asks a CA for a new certificate of a Lync server, of the Front End for all its uses unless told otherwise. `names` are separated by commas, and may be none;
 * `more` are further parameters, each with a space before it.
 */
export function requestCertificate(
  { names, uses = frontEndUses, computer = '<Front End FQDN>', more = '' }: { names: string; uses?: string | undefined; computer?: string; more?: string },
): string {
  return `Request-CsCertificate -New -Type ${uses} -ComputerFqdn "${computer}"${names === '' ? '' : ` -DomainName "${names}"`}${more} -CA "<CA host\\CA name>"`;
}

/** Has the Front End use the certificate that came of it. */
export const setCertificate = `Set-CsCertificate -Type ${frontEndUses} -Thumbprint <thumbprint of the new certificate>`;

/** Asks for a new Front End certificate with further names and installs it. */
export function reissue(names: string, more = ''): string[] {
  return [requestCertificate({ names, more }), setCertificate, 'Restart-Service RTCSRV'];
}

/** Brings a newer build to the phones. */
export const approveUpdate = [
  'Import-CsDeviceUpdate -Identity "service:WebServer:<web server FQDN>" -FileName UCUpdates.cab',
  'Get-CsDeviceUpdateRule | Approve-CsDeviceUpdateRule',
];

/** Lets phones learn a root by either way to sign in. While the chain is inferred, the web service passes TrustedCACerts over. */
export const publishRoot = [
  'certutil -f -dspublish <root.cer> RootCA',
  '$root = New-CsWebTrustedCACertificate -Thumbprint <root thumbprint> -CAStore TrustedRootCA',
  'Set-CsWebServiceConfiguration -Identity Global -TrustedCACerts @{Add=$root} -InferCertChainFromSSL $false',
];

export const readTlsSwitch = 'Get-ItemProperty "HKLM:\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.0\\Server"';
