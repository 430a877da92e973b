import type { Facts } from '../../failure.js';
import type { RuleId } from '../../phone/stage-failure.js';
import { pinRemedy } from './pin-remedies.js';
import { leaseRemedy } from './lease-remedies.js';
import { exchangeRemedy } from './exchange-remedies.js';
import { authenticationRemedy } from './authentication-remedies.js';
import { fact, type Remedy } from './remedy.js';

const listWebServiceSettings = 'Get-CsWebServiceConfiguration | Format-List Identity, UsePinAuth, UseCertificateAuth, UseWindowsAuth, EnableCertChainDownload';
const listWebServers = 'Get-CsService -WebServer | Format-List PoolFqdn, CAHandlerInternalUri, CAHandlerInternalAnonUri, WebTicketInternalUri';

/** What to change for everything that stops a sign-in, but for refused certificates (`certificate-remedies.ts`). */
export function stageRemedy(rule: Exclude<RuleId, 'certificate-refused'>, facts: Facts): Remedy {
  const user = fact(facts, 'sipUri', '<sip:user@domain>');
  const sipDomain = fact(facts, 'sipDomain', '<SIP domain>');
  switch (rule) {
    case 'web-service-unknown':
      return {
        sentence: 'Give the phone VLAN option 43 for vendor class MS-UC-Client and option 120, on the DHCP server or from the Registrar; outside the office nothing tells it, so that it has to sign in inside once before.',
        commands: ['DHCPUtil.exe -SipServer <pool FQDN>', 'Set-CsRegistrarConfiguration -Identity Global -EnableDHCPServer $true'],
      };
    case 'web-service-unreachable':
      return {
        sentence: 'Compare the name and port in option 43 with the web services as they are published, and check DNS and the firewall for ports 80 and 443.',
        commands: [listWebServers, 'DHCPUtil.exe -SipServer <pool FQDN>'],
      };
    case 'chain-download-empty':
      return {
        sentence: 'Switch on the download of the certificate chain in the web services.',
        commands: [listWebServiceSettings, 'Set-CsWebServiceConfiguration -Identity Global -EnableCertChainDownload $true'],
      };
    case 'web-service-error':
    case 'web-ticket-refused':
      return {
        sentence: 'Check that the web services offer this kind of sign-in (a PIN needs UsePinAuth and UseCertificateAuth), and try the same steps from the server.',
        commands: [listWebServiceSettings, 'Set-CsWebServiceConfiguration -Identity Global -UsePinAuth $true -UseCertificateAuth $true', 'Test-CsPhoneBootstrap -PhoneOrExt <number> -PIN <PIN> -Verbose'],
      };
    case 'pin-refused':
      return pinRemedy(facts);
    case 'credentials-refused':
      return {
        sentence: 'Check the AD account: the logon name, that it is the account of the SIP address given, and the password; one that was changed since has to be given to the phone anew, over USB from a PC.',
        commands: [`Get-CsUser -Identity "${user}" | Format-List SamAccountName, SipAddress, Enabled`, listWebServiceSettings],
      };
    case 'certificate-not-issued':
      return {
        sentence: "Check that the web services can reach the user's home pool, where the client certificate is stored.",
        commands: [`Get-CsUser -Identity "${user}" | Format-List RegistrarPool`, `Test-CsPhoneBootstrap -PhoneOrExt <number> -PIN <PIN> -UserSipAddress "${user}" -Verbose`],
      };
    case 'registrar-unknown':
      return {
        sentence: `Publish where the registrar is: an SRV record of ${sipDomain} with a target inside it, an A record sip.${sipDomain}, or option 120.`,
        commands: [`Add-DnsServerResourceRecord -Srv -ZoneName "${sipDomain}" -Name "_sipinternaltls._tcp" -DomainName "sip.${sipDomain}" -Priority 0 -Weight 0 -Port 5061   (DNS server)`],
      };
    case 'strict-dns-naming':
      return {
        sentence: `Point the SRV record at a host inside ${sipDomain} and put that name into the certificate: builds from 4.0.7577.4363 on refuse a target in another namespace.`,
        commands: [
          `Add-DnsServerResourceRecord -Srv -ZoneName "${sipDomain}" -Name "_sipinternaltls._tcp" -DomainName "sip.${sipDomain}" -Priority 0 -Weight 0 -Port 5061   (DNS server)`,
          `Add-DnsServerResourceRecordA -ZoneName "${sipDomain}" -Name "sip" -IPv4Address <pool address>   (DNS server)`,
        ],
      };
    case 'registrar-unreachable':
    case 'registrar-silent':
    case 'connection-lost':
      return {
        sentence: 'Check that the Front End service runs and that the phone VLAN reaches its port.',
        commands: ['Get-CsWindowsService RTCSRV', 'Test-CsRegistration -TargetFqdn <pool FQDN>'],
      };
    case 'redirect-loop':
      return {
        sentence: 'Find the servers that disagree about where this user is at home: each sends the phone to the other.',
        commands: [`Get-CsUser -Identity "${user}" | Format-List RegistrarPool`, 'Get-CsPoolBackupRelationship -PoolFqdn <pool FQDN>', 'Get-CsManagementStoreReplicationStatus'],
      };
    case 'challenge-unusable':
      return {
        sentence: 'Let the registrar offer certificate authentication: these phones register with TLS-DSK only.',
        commands: ['Set-CsProxyConfiguration -Identity Global -UseCertificateForClientToProxyAuth $true'],
      };
    case 'authentication-not-offered':
    case 'authentication-too-old':
      return authenticationRemedy(rule, facts);
    case 'registration-refused':
    case 'signature-wrong':
    case 'provisioning-failed':
      return {
        sentence: 'Check that the user is enabled, homed on this pool and allowed with this client version.',
        commands: [`Get-CsUser -Identity "${user}" | Format-List Enabled, RegistrarPool, SipAddress`, 'Get-CsClientVersionPolicy -Identity Global', `Test-CsClientAuth -UserSipAddress "${user}" -TargetFqdn <pool FQDN>`],
      };
    case 'clock-wrong': {
      const server = fact(facts, 'setBy', '<domain controller>');
      const published = typeof facts['setBy'] === 'string';
      return {
        sentence: published
          ? `Set the clock of ${server} right, then restart the phone: it takes the time from there.`
          : 'Let the phone learn the time: publish SRV _ntp._udp in the SIP domain and the domain of the lease, pointing at a domain controller, let UDP 123 through from the phone VLAN, or let it reach time.windows.com; then restart it.',
        commands: published
          ? [`w32tm /stripchart /computer:${server} /samples:3 /dataonly`, `w32tm /resync   (on ${server})`]
          : [
            `Add-DnsServerResourceRecord -Srv -ZoneName "${sipDomain}" -Name "_ntp._udp" -DomainName "<domain controller>" -Priority 0 -Weight 0 -Port 123   (DNS server)`,
            'w32tm /stripchart /computer:<domain controller> /samples:3 /dataonly   (from the phone VLAN)',
          ],
      };
    }
    case 'tls-failed':
      return {
        sentence: 'Check that the port speaks TLS 1.0 with an RSA cipher suite: these phones have nothing newer.',
        commands: ['Get-ItemProperty "HKLM:\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.0\\Server"'],
      };
    case 'no-lease':
      return leaseRemedy(facts);
    case 'no-name-server':
    case 'dhcp-silent':
      return { sentence: 'Check the lease of the phone VLAN: it must name DNS servers that answer.', commands: ['Get-DhcpServerv4OptionValue -ScopeId <phone VLAN>   (DHCP server)'] };
    case 'exchange-unavailable':
    case 'exchange-credentials-refused':
      return exchangeRemedy(rule, facts);
    case 'sign-in-method-unsupported':
      return { sentence: 'Use a sign-in method that the model and the build have.', commands: [] };
  }
}
