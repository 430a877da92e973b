import { fact, type Remedy } from './remedy.js';
import type { DiagnosisRule, Finding } from './rule.js';

/** Those of vendor classes, too, as option 43 is; without a scope, those of the whole server. */
export const listOptions = 'Get-DhcpServerv4OptionValue -All   (DHCP server; -ScopeId <network of the phones> for those of their scope)';
export const listWebServiceSettings = 'Get-CsWebServiceConfiguration | Format-List Identity, UsePinAuth, UseCertificateAuth, UseWindowsAuth, EnableCertChainDownload';
const listWebServers = 'Get-CsService -WebServer | Format-List PoolFqdn, CAHandlerInternalUri, CAHandlerInternalAnonUri, WebTicketInternalUri';
const compareAddresses: Remedy = {
  sentence: 'Compare the name and port in option 43 with the web services as they are published, and check DNS and the firewall for ports 80 and 443.',
  commands: [listWebServers, 'DHCPUtil.exe -SipServer <pool FQDN>'],
};
const giveOptions: Remedy = {
  sentence: 'Give the phone VLAN option 43 for vendor class MS-UC-Client and option 120, on the DHCP server or from the Registrar; outside the office nothing tells it, so that it has to sign in inside once before.',
  commands: ['DHCPUtil.exe -SipServer <pool FQDN>', 'Set-CsRegistrarConfiguration -Identity Global -EnableDHCPServer $true'],
};

/** Whether the name has no address, by name servers that answered. */
export const hasNoAddress = ({ facts }: Finding): boolean => facts['dns'] === 'no-such-name' || facts['dns'] === 'no-data';
/** Whether no name server said what the address is. */
export const dnsFailed = ({ facts }: Finding): boolean => typeof facts['dns'] === 'string' && facts['dns'] !== 'no-such-name' && facts['dns'] !== 'no-data';
/** Whether the connection was never taken. */
export const dropped = ({ facts }: Finding): boolean => facts['code'] === 'network/timeout';

/** What can keep a phone from the web services, or they from serving it. */
export const webServiceRules: readonly DiagnosisRule[] = [
  {
    id: 'LPE004', title: 'DHCP does not tell the phone where the web services are',
    symptom: 'PIN sign-in fails at once with "Unable to locate Lync Certificate Web service"; signing in over USB works.',
    cause: 'Option 43 for the vendor class MS-UC-Client is missing in this scope, or what it holds makes no address.',
    beforehand: 'From the phone VLAN, ask DHCP as a phone does and fetch the address that comes back: `lpe discover <SIP domain> --dhcp` asks, `lpe dhcp-options --decode` reads what a server has.',
    confidence: 'documented', evidence: ['itpro-root'], signs: ['web-service-unknown'], remedy: () => giveOptions,
    alternatives: [{ id: 'LPE055', when: ({ around }) => around.optionsAnswered === undefined, experiment: 'Send a DHCPINFORM of class MS-UC-Client from the phone VLAN: silence and an answer without option 43 are different things.' }],
  },
  {
    id: 'LPE017', title: 'The phone has never signed in inside, and is outside',
    symptom: 'A new phone does not sign in at home: by PIN with "Unable to locate Lync Certificate Web service", over USB because it refuses a certificate.',
    cause: 'The first sign-in needs what only the office network tells: option 43 for the PIN, and the root of a private CA.',
    beforehand: 'Sign every phone in inside once before it leaves; rehearse with `location: outside` and `state: signed-in`.',
    confidence: 'observed', evidence: ['msxfaq-lyncphone'], signs: ['web-service-unknown', 'trust'],
    when: ({ sign, around }) => around.outside && (sign === 'web-service-unknown' || around.roots === 'no-directory'),
    remedy: ({ sign }) => ({
      sentence: `Sign the phone in inside the office once; it then remembers what it needs outside.${sign === 'trust' ? ' Or put certificates on Edge and reverse proxy whose root the build brings along; which those are only a real phone tells.' : ''}`,
      commands: [],
    }),
    entails: ['LPE003', 'LPE028', 'LPE078'],
  },
  {
    id: 'LPE055', title: "No DHCP server answers the phone's question for its options",
    symptom: 'PIN sign-in fails with "Unable to locate Lync Certificate Web service", and a capture shows DHCPINFORM without an answer.',
    cause: 'The relay does not pass DHCPINFORM on, the server does not answer it, or answers so that nobody can read it.',
    beforehand: 'From the phone VLAN: `lpe discover <SIP domain> --dhcp`, and a capture on UDP 67 and 68.',
    confidence: 'documented', evidence: ['itpro-root'], signs: ['dhcp-silent', 'web-service-unknown'],
    when: ({ sign, around }) => sign === 'dhcp-silent' || (around.optionsAnswered === false && !around.outside),
    remedy: () => ({ sentence: `Check that the DHCP server or the relay of the phone VLAN answers DHCPINFORM of class MS-UC-Client. ${giveOptions.sentence}`, commands: [listOptions, ...giveOptions.commands] }),
  },
  {
    id: 'LPE005', title: 'The web services hand out no root chain',
    symptom: 'The phone shows that the certificate chain cannot be downloaded.',
    cause: 'EnableCertChainDownload is off.',
    beforehand: 'Read the web service configuration of every site and pool.',
    confidence: 'documented', evidence: ['itpro-root', 'cs-web-service-configuration'], signs: ['chain-download-empty'],
    remedy: () => ({ sentence: 'Switch on the download of the certificate chain in the web services.', commands: [listWebServiceSettings, 'Set-CsWebServiceConfiguration -Identity Global -EnableCertChainDownload $true'] }),
  },
  {
    id: 'LPE020', title: 'The client certificate cannot be issued or published',
    symptom: 'Number and PIN, or the password, are accepted, and then no certificate comes.',
    cause: "The web service that the phone came to cannot reach the data store of the user's home pool, or takes no key as short as the phone's 2048 bits (MinCSRKeySize).",
    beforehand: 'Run Test-CsPhoneBootstrap with -UserSipAddress for a user of every pool, against the pool that option 43 names.',
    confidence: 'documented', evidence: ['technet-certificates'], signs: ['certificate-not-issued'],
    remedy: ({ facts }) => {
      const user = fact(facts, 'sipUri', '<sip:user@domain>');
      return {
        sentence: "Check that the web services can reach the user's home pool, where the client certificate is stored, and that MinCSRKeySize is no more than 2048.",
        commands: ['Get-CsWebServiceConfiguration | Format-List Identity, MinCSRKeySize, MaxCSRKeySize', `Get-CsUser -Identity "${user}" | Format-List RegistrarPool`, `Test-CsPhoneBootstrap -PhoneOrExt <number> -PIN <PIN> -UserSipAddress "${user}" -Verbose`],
      };
    },
  },
  {
    id: 'LPE051', title: 'What answers in the place of the web services answers otherwise than they would',
    symptom: 'The phone stays at "Locating the server to download the certificate".',
    cause: 'A web page, an error of IIS, a proxy, or another application stands under the address; or the service itself is broken, or ends the connection.',
    beforehand: 'Open the addresses of Get-CsService -WebServer from the phone VLAN; run Test-CsPhoneBootstrap.',
    confidence: 'assumed', evidence: [], signs: ['web-service-error'],
    remedy: ({ facts }) => ({
      sentence: `Find out what answers under ${fact(facts, 'url', 'the address of the web service')}, and try the same steps from the server.`,
      commands: [listWebServers, listWebServiceSettings, 'Test-CsPhoneBootstrap -PhoneOrExt <number> -PIN <PIN> -Verbose'],
    }),
  },
  {
    id: 'LPE052', title: 'The name of the web services has no address',
    symptom: 'The phone shows "Unable to locate Lync Certificate Web service".',
    cause: 'The name that option 43 or the registrar gives is not in DNS as phones see it: the record is missing, or the option is stale and names a pool that is gone.',
    beforehand: 'Resolve the name in option 43 with the name servers of the phone VLAN.',
    confidence: 'documented', evidence: ['itpro-root'], signs: ['web-service-unreachable'], when: hasNoAddress, remedy: () => compareAddresses,
    alternatives: [{ id: 'LPE004', experiment: 'Compare the name with Get-CsService -WebServer: where a pool has it, DNS lacks the record; else option 43 is stale.' }],
    entails: ['LPE075'],
  },
  {
    id: 'LPE053', title: 'Nothing listens where the web services should be',
    symptom: 'The phone shows "Unable to locate Lync Certificate Web service".',
    cause: 'The connection is refused: IIS is stopped, the port is another, or the address is that of another machine.',
    beforehand: 'Connect to ports 80 and 443 of the web services from the phone VLAN.',
    confidence: 'inferred', evidence: ['itpro-root'], signs: ['web-service-unreachable'], remedy: () => compareAddresses, entails: ['LPE075'],
  },
  {
    id: 'LPE077', title: 'The web services take the connection and do not answer',
    symptom: 'The phone stays at "Locating the server to download the certificate" until it runs out of patience.',
    cause: 'IIS or the application pool hangs, a load balancer holds the connection, or a firewall swallows what is in it.',
    beforehand: 'Run Test-CsPhoneBootstrap and look at the time that it takes.',
    confidence: 'assumed', evidence: [], signs: ['web-service-unreachable'], when: ({ facts }) => typeof facts['milliseconds'] === 'number',
    remedy: () => ({ sentence: 'Restart the web services, and look for a firewall or proxy on the way.', commands: ['Restart-Service W3SVC   (on the Front End)', listWebServers] }),
    alternatives: [{ id: 'LPE076', experiment: 'Ask the same address from beside the server: where it answers there, something on the way from the phone VLAN swallows it.' }],
    entails: ['LPE075'],
  },
];
