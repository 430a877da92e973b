import { fact, type Remedy } from './remedy.js';
import type { DiagnosisRule, Finding } from './rule.js';
import { hasNoAddress } from './web-service-rules.js';

const user = ({ facts }: Finding) => fact(facts, 'sipUri', '<sip:user@domain>');
const sipDomain = ({ facts }: Finding) => fact(facts, 'sipDomain', '<SIP domain>');
const addSrv = (domain: string) => `Add-DnsServerResourceRecord -Srv -ZoneName "${domain}" -Name "_sipinternaltls._tcp" -DomainName "sip.${domain}" -Priority 0 -Weight 0 -Port 5061   (DNS server)`;
const addHost = (domain: string) => `Add-DnsServerResourceRecordA -ZoneName "${domain}" -Name "sip" -IPv4Address <pool address>   (DNS server)`;
const frontEnd: Remedy = {
  sentence: 'Check that the Front End service runs and that the phone VLAN reaches its port.',
  commands: ['Get-CsWindowsService RTCSRV', 'Test-CsRegistration -TargetFqdn <pool FQDN>'],
};
const admitUser = (finding: Finding): Remedy => ({
  sentence: 'Check that the user is enabled, homed on this pool and allowed with this client version.',
  commands: [`Get-CsUser -Identity "${user(finding)}" | Format-List Enabled, RegistrarPool, SipAddress`, 'Get-CsClientVersionPolicy -Identity Global', `Test-CsClientAuthentication -TargetFqdn <pool FQDN> -UserSipAddress "${user(finding)}" -UserCredential (Get-Credential)   (Lync Server 2010: Test-CsClientAuth)`],
});
const serverState = ({ facts }: Finding) => Number(facts['status']) >= 500 || facts['status'] === 480 || facts['status'] === 408;

/** Finding the registrar, proving who one is there, and staying registered. */
export const registrarRules: readonly DiagnosisRule[] = [
  {
    id: 'LPE013', title: 'The registrar takes no client certificates',
    symptom: 'Phones of the Aries family (CX500, CX600, CX3000 and the like) do not register, a CX700 does.',
    cause: 'UseCertificateForClientToProxyAuth is off, and a phone that signs in by PIN or over USB can register with nothing else.',
    beforehand: 'Read Get-CsProxyConfiguration of every pool and Edge.',
    confidence: 'documented', evidence: ['technet-authentication'], signs: ['authentication-not-offered'],
    when: ({ facts }) => fact(facts, 'wanted', 'TLS-DSK').includes('TLS-DSK'),
    remedy: () => ({
      sentence: 'Let the registrar take client certificates: phones that sign in by PIN or over USB can register with nothing else.',
      commands: ['Set-CsProxyConfiguration -Identity Global -UseCertificateForClientToProxyAuth $true'],
    }),
  },
  {
    id: 'LPE026', title: 'The registrar that discovery gives lies outside the SIP domain',
    symptom: 'Phones from 4.0.7577.4363 (CU7) on do not connect where earlier builds did; PCs ask whether to trust the server.',
    cause: 'Those builds use only registrars whose names lie in the namespace of the SIP domain. Hosting with the provider\'s own names, or an SRV record that points at a pool elsewhere, breaks that.',
    beforehand: 'For each SIP domain: does the SRV target end in it, and does sip.<SIP domain> resolve?',
    confidence: 'observed', evidence: ['schertz-2013-08'], signs: ['strict-dns-naming'],
    remedy: (finding) => ({
      sentence: `Point the SRV record at a host inside ${sipDomain(finding)} and put that name into the certificate: builds from 4.0.7577.4363 on refuse a target in another namespace.`,
      commands: [addSrv(sipDomain(finding)), addHost(sipDomain(finding))],
    }),
  },
  {
    id: 'LPE056', title: 'Nothing says where the registrar is',
    symptom: 'The phone gives up at "Connecting to Lync Server" at once.',
    cause: 'DNS has neither an SRV record of the SIP domain nor an A record that phones try, and DHCP gives no option 120; or all of them give names without an address.',
    beforehand: '`lpe discover <SIP domain>` lists what a phone asks and what comes back.',
    confidence: 'documented', evidence: ['itpro-registrar'], signs: ['registrar-unknown'],
    remedy: (finding) => ({
      sentence: `Publish where the registrar is: an SRV record of ${sipDomain(finding)} with a target inside it, an A record sip.${sipDomain(finding)}, or option 120.`,
      commands: [addSrv(sipDomain(finding))],
    }),
  },
  {
    id: 'LPE057', title: 'The name of the registrar has no address',
    symptom: 'The phone does not get past "Connecting to Lync Server".',
    cause: 'An SRV record or option 120 names a host that DNS, as phones see it, does not know.',
    beforehand: 'Resolve every SRV target and the name in option 120 with the name servers of the phone VLAN.',
    confidence: 'documented', evidence: ['itpro-registrar'], signs: ['registrar-unreachable'], when: hasNoAddress,
    remedy: ({ facts }) => ({ sentence: `Publish an A record for ${fact(facts, 'host', '<registrar>')}, or correct the SRV record or option 120 that names it.`, commands: ['Get-DnsServerResourceRecord -ZoneName "<zone>" -RRType Srv   (DNS server)', 'DHCPUtil.exe -SipServer <pool FQDN>'] }),
  },
  {
    id: 'LPE058', title: 'Nothing listens where the registrar should be',
    symptom: 'The phone shows that the server cannot be contacted and tries again.',
    cause: 'The connection is refused: the Front End service is stopped, the port is another, or the address is that of another machine.',
    beforehand: 'Connect to port 5061 of every registrar from the phone VLAN; Test-CsRegistration.',
    confidence: 'inferred', evidence: ['itpro-registrar'], signs: ['registrar-unreachable'], remedy: () => frontEnd, entails: ['LPE075'],
  },
  {
    id: 'LPE059', title: 'The registrar takes the connection and does not answer',
    symptom: 'The phone shows that the server cannot be contacted and tries again, each time after a wait.',
    cause: 'TLS is up and a request is never answered: the Front End service hangs, or cannot reach its own back end; or something between inspects SIP and swallows it.',
    beforehand: 'Test-CsRegistration against every Front End, with the time that it takes.',
    confidence: 'assumed', evidence: [], signs: ['registrar-silent'], remedy: () => frontEnd,
    alternatives: [{ id: 'LPE076', experiment: 'Run Test-CsRegistration from beside the server: where it is quick there, a firewall or proxy on the way from the phone VLAN swallows SIP.' }],
  },
  {
    id: 'LPE060', title: 'The connection to the registrar is lost',
    symptom: 'The phone drops, and tries again.',
    cause: 'The registrar or something on the way ended the connection: a restart, a failover, an idle timeout of a load balancer, or a server that refuses by closing.',
    beforehand: 'Look at the idle timeout of load balancers and firewalls for 5061: more than the keep-alive of five minutes.',
    confidence: 'assumed', evidence: [], signs: ['connection-lost'], remedy: () => frontEnd,
  },
  {
    id: 'LPE079', title: 'What answers in the place of the registrar does not speak SIP as it should',
    symptom: 'The phone drops the connection at the first answer, and tries again.',
    cause: 'Another service stands behind the address, a proxy answers for a dead server, or a middlebox meddles.',
    beforehand: '`lpe probe HOST:5061 --service sip` from the phone VLAN.',
    confidence: 'assumed', evidence: [], signs: ['connection-lost'], when: ({ facts }) => facts['garbled'] === true,
    remedy: ({ facts }) => ({ sentence: `Find out what answers at ${fact(facts, 'peer', 'the port of the registrar')} from the phone VLAN: it should be the Front End service itself.`, commands: ['netstat -abno   (on the server, as administrator)', ...frontEnd.commands] }),
  },
  {
    id: 'LPE061', title: 'Servers send the phone from one to the other',
    symptom: 'The phone never finishes "Connecting to Lync Server".',
    cause: 'They disagree about where the user is at home, as after a move or a failover that did not replicate.',
    beforehand: 'Get-CsManagementStoreReplicationStatus after users are moved.',
    confidence: 'assumed', evidence: [], signs: ['redirect-loop'],
    remedy: (finding) => ({
      sentence: 'Find the servers that disagree about where this user is at home: each sends the phone to the other.',
      commands: [`Get-CsUser -Identity "${user(finding)}" | Format-List RegistrarPool`, 'Get-CsPoolBackupRelationship -PoolFqdn <pool FQDN>   (Lync Server 2013 and later)', 'Get-CsManagementStoreReplicationStatus'],
    }),
  },
  {
    id: 'LPE062', title: "The registrar's challenge cannot be answered",
    symptom: 'The phone shows that the server cannot be contacted.',
    cause: 'The challenge names a scheme that the phone has, but lacks what it needs: realm, target name, version, or the address of the certificate service.',
    beforehand: 'Look at the 401 in a trace of the registrar (OCSLogger, SIPStack): WWW-Authenticate: TLS-DSK with sts-uri.',
    confidence: 'assumed', evidence: [], signs: ['challenge-unusable'],
    remedy: () => ({
      sentence: 'Let the registrar offer certificate authentication: these phones register with TLS-DSK only.',
      commands: ['Set-CsProxyConfiguration -Identity Global -UseCertificateForClientToProxyAuth $true'],
    }),
  },
  {
    id: 'LPE063', title: 'The registrar takes no NTLM, and the phone can register with nothing else',
    symptom: 'A CX700, or a build of Office Communications Server, does not register.',
    cause: 'UseNtlmForClientToProxyAuth is off, or NTLM is refused by policy of the domain.',
    beforehand: 'Read Get-CsProxyConfiguration of every pool and Edge.',
    confidence: 'documented', evidence: ['technet-authentication'], signs: ['authentication-not-offered'],
    remedy: () => ({ sentence: 'Let the registrar take NTLM: a phone of this build can register with nothing else.', commands: ['Set-CsProxyConfiguration -Identity Global -UseNtlmForClientToProxyAuth $true'] }),
  },
  {
    id: 'LPE064', title: 'The build authenticates in a way too old for this registrar',
    symptom: 'A CX700 that was in a drawer since Office Communications Server does not sign in at Lync.',
    cause: 'Its build knows an NTLM that Lync does not take.',
    beforehand: 'Look at the build in System Information before phones move; bring them to 3.5.6907.187 at least.',
    confidence: 'inferred', evidence: ['schertz-2013-05'], signs: ['authentication-too-old'],
    remedy: () => ({
      sentence: 'Bring the phone to a build that registers with Lync first, at the old servers or by an update: 3.5.6907.187 is the oldest known to.',
      commands: ['Get-CsDeviceUpdateRule | Format-List Brand, Model, ApprovedVersion, PendingVersion'],
    }),
  },
  {
    id: 'LPE065', title: 'The registrar cannot serve at the moment',
    symptom: 'The phone shows that the server cannot be contacted and tries again.',
    cause: 'It answers with a status that speaks of its own state (480, 503 and other 5xx): overloaded, starting, going down, or without its back end.',
    beforehand: 'Watch the Front End services and their back end; see that a backup registrar is named.',
    confidence: 'inferred', evidence: ['itpro-registrar'], signs: ['registration-refused'], when: serverState,
    remedy: () => ({ sentence: "Find out why the Front End service cannot serve: its own event log tells; the phone tries again by itself.", commands: ['Get-CsWindowsService', 'Get-CsPoolFabricState -PoolFqdn <pool FQDN>   (Lync Server 2013 and later)', 'Test-CsRegistration -TargetFqdn <pool FQDN>'] }),
  },
  {
    id: 'LPE066', title: 'The registrar refuses the registration of this user or client',
    symptom: 'The phone waits for its user after the registrar has answered.',
    cause: 'It says no for good (403, 404 and other 4xx, ms-diagnostics tells more): the user is unknown there, disabled, or the client version is blocked.',
    beforehand: 'Test-CsClientAuthentication (Test-CsClientAuth in Lync Server 2010) for a user of every pool; look for OCPhone in Get-CsClientVersionPolicy.',
    confidence: 'inferred', evidence: ['itpro-registrar'], signs: ['registration-refused'], remedy: admitUser,
  },
  {
    id: 'LPE081', title: 'The client version policy blocks the build of the phone',
    symptom: 'The phone waits for its user after the registrar has answered; PCs, and phones of other builds, sign in.',
    cause: 'A rule of the client version policy for the user agent OCPhone blocks the version that the phone names (403, ms-diagnostics 17002 or 17003).',
    beforehand: 'Compare the rules for OCPhone in Get-CsClientVersionPolicyRule with the builds in use, before and after an update.',
    confidence: 'documented', evidence: ['cs-client-version-policy-rule'], signs: ['registration-refused'],
    when: ({ facts }) => facts['id'] === 17002 || facts['id'] === 17003,
    remedy: () => ({
      sentence: 'Let the builds of the phones in by the client version policy, or bring the phones to a build that it lets in: they ask for updates before anybody signs in, too.',
      commands: [
        'Get-CsClientVersionPolicyRule | Where-Object {$_.UserAgent -eq "OCPhone"} | Format-List Identity, Action, CompareOp, MajorVersion, MinorVersion, BuildNumber, QfeNumber',
        'Set-CsClientVersionPolicyRule -Identity "<rule>" -Action Allow',
      ],
    }),
  },
  {
    id: 'LPE083', title: 'The user may not come in from outside',
    symptom: 'The phone signs in at the office and not at home: there it waits for its user after the Access Edge has answered.',
    cause: 'No external access policy of the user has EnableOutsideAccess; a deployment is installed without (403, ms-diagnostics 4003).',
    beforehand: 'Read EnableOutsideAccess of Get-CsExternalAccessPolicy, and which users have a policy of their own.',
    confidence: 'documented', evidence: ['cs-external-access-policy'], signs: ['registration-refused'],
    when: ({ facts }) => facts['id'] === 4003,
    remedy: (finding) => ({
      sentence: 'Let the user come in from outside, by the policy that holds for all or by one of their own.',
      commands: [
        `Get-CsUser -Identity "${user(finding)}" | Format-List ExternalAccessPolicy`,
        'Set-CsExternalAccessPolicy -Identity Global -EnableOutsideAccess $true',
        `Grant-CsExternalAccessPolicy -Identity "${user(finding)}" -PolicyName "<policy with EnableOutsideAccess>"`,
      ],
    }),
  },
  {
    id: 'LPE067', title: 'The registrar has ended the registration',
    symptom: 'A phone that was signed in goes back to the sign-in screen, or signs in again.',
    cause: 'The user was disabled or moved, an administrator ended it, or one registration more than MaxEndpointsPerUser came along.',
    beforehand: 'Count the endpoints of users with several devices against MaxEndpointsPerUser.',
    confidence: 'assumed', evidence: [], signs: ['registration-refused', 'connection-lost'], when: ({ facts }) => facts['ended'] === true, remedy: admitUser,
  },
  {
    id: 'LPE068', title: 'A message of the registrar carries a wrong signature',
    symptom: 'The phone ends the connection, and tries again.',
    cause: 'The security association differs at both ends: a server behind a load balancer that lost it, or something on the way that changes messages.',
    beforehand: 'See that load balancers keep a SIP connection at one Front End and change nothing in it.',
    confidence: 'assumed', evidence: [], signs: ['signature-wrong'], remedy: admitUser,
  },
  {
    id: 'LPE069', title: 'The registrar does not give the phone its settings',
    symptom: 'The phone registers and does not show the home screen, or shows it without what the policies would set.',
    cause: 'In-band provisioning (SUBSCRIBE to vnd-microsoft-provisioning-v2) is refused, broken, or not answered.',
    beforehand: 'Test-CsRegistration and a look into the event log of the Front End for the user services.',
    confidence: 'assumed', evidence: [], signs: ['provisioning-failed'], remedy: admitUser,
  },
];
