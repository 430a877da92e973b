/** Uses of the Front End certificate that `Request-CsCertificate` knows, for the usual case of one certificate for all. */
const frontEndUses = 'Default,WebServicesInternal,WebServicesExternal';

/** Asks for a new Front End certificate with further names and installs it. */
export function reissue(names: string, extra = ''): string[] {
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

/** Lets phones learn a root by either way to sign in. While the chain is inferred, the web service passes TrustedCACerts over. */
export const publishRoot = [
  'certutil -f -dspublish <root.cer> RootCA',
  '$root = New-CsWebTrustedCACertificate -Thumbprint <root thumbprint> -CAStore TrustedRootCA',
  'Set-CsWebServiceConfiguration -Identity Global -TrustedCACerts @{Add=$root} -InferCertChainFromSSL $false',
];

export const readTlsSwitch = 'Get-ItemProperty "HKLM:\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.0\\Server"';
