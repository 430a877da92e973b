import { fact } from './remedy.js';
import type { DiagnosisRule, Finding } from './rule.js';
import { dnsFailed, dropped, listOptions } from './web-service-rules.js';

const listScopes = 'Get-DhcpServerv4Scope | Format-Table ScopeId, StartRange, EndRange, State   (DHCP server)';
const listFree = 'Get-DhcpServerv4ScopeStatistics -ScopeId <network of the phones> | Format-List Free, PercentageInUse   (DHCP server)';

/** Whether a router said that it knows no way there. */
const unrouted = ({ facts }: Finding): boolean => facts['code'] === 'network/no-route' || facts['dns'] === 'no-route';

/** VLAN, lease, name servers, time, and what lies between. */
export const networkRules: readonly DiagnosisRule[] = [
  {
    id: 'LPE022', title: 'The phone gets no address',
    symptom: 'The phone stays at "Acquiring IP Address"; over USB it seems to do nothing.',
    cause: 'No cable, a cable in the jack for the PC, or no DHCP server, relay or free address in the VLAN of the port. USB alone is no network.',
    beforehand: 'Connect a PC to the same port: does it get a lease? Are there free addresses for all phones?',
    confidence: 'documented', evidence: ['itpro-vlan'], signs: ['no-lease'],
    remedy: () => ({
      sentence: 'Check that the cable is in the LAN jack and not in the one for the PC, that the switch port leads to a VLAN with a DHCP server or a relay to one, and that its scope has free addresses.',
      commands: [listScopes, listFree],
    }),
    alternatives: [{ id: 'LPE023', experiment: 'Look at VLAN ID in System Information: 0 means that neither LLDP nor DHCP told one; where the phones should have one, that is what is missing.' }],
  },
  {
    id: 'LPE023', title: 'The phone is in a VLAN where it gets no address',
    symptom: 'The phone stays at "Acquiring IP Address", and System Information shows a VLAN ID.',
    cause: 'The VLAN that LLDP or DHCP tells is not the phones\' own, is not on the port, or has no DHCP server or relay.',
    beforehand: 'Compare the LLDP-MED policy of the switches with the option for class CPE-OCPHONE and with the VLANs that have DHCP.',
    confidence: 'documented', evidence: ['itpro-vlan'], signs: ['no-lease'], when: ({ facts }) => typeof facts['vlan'] === 'number',
    remedy: ({ facts }) => ({
      sentence: `Check that VLAN ${fact(facts, 'vlan', '<number>')} is the phones' own, as ${facts['source'] === 'dhcp' ? 'the DHCP option for class CPE-OCPHONE' : "the switch's LLDP-MED policy"} says, that a DHCP server or a relay to one is in it, and that its scope has free addresses.`,
      commands: [listScopes, listFree],
    }),
  },
  {
    id: 'LPE082', title: 'No route leads from the phone\'s VLAN to the servers',
    symptom: 'The phone has an address and reaches nothing; in another VLAN the same phone signs in.',
    cause: 'The phone is in a VLAN with a DHCP server or a relay, but not in its own: it was told the wrong one, or none and stays untagged. Or the router of its own has no route.',
    beforehand: 'From a PC in each VLAN that a phone may come to, tagged by LLDP or DHCP and untagged, ask the name servers of the lease.',
    confidence: 'inferred', evidence: ['itpro-vlan'], signs: ['no-name-server', 'web-service-unreachable', 'registrar-unreachable'], when: unrouted,
    remedy: ({ around: { vlan } }) => ({
      sentence: vlan === 0
        ? "The phone learnt no VLAN: tell it its own, by the switch's LLDP-MED policy or the DHCP option for class CPE-OCPHONE, or let the untagged VLAN of the port reach the servers; then restart it."
        : `Check that VLAN ${vlan ?? '<number>'} is the phones' own, as LLDP or DHCP tells them, and that its router has a route to name servers, web services and registrars.`,
      commands: ['Test-NetConnection <name server> -TraceRoute   (from a PC in that VLAN)'],
    }),
    entails: ['LPE009', 'LPE052', 'LPE054', 'LPE056', 'LPE057', 'LPE073', 'LPE075', 'LPE078'],
  },
  {
    id: 'LPE024', title: 'DHCP servers answer the phone differently',
    symptom: 'Some phones, or some mornings, come to another registrar or find no web service.',
    cause: 'Two servers answer DHCPINFORM of class MS-UC-Client, a Registrar with EnableDHCPServer and a router, for instance; the first answer with a host name counts.',
    beforehand: 'From the phone VLAN, ask each server for itself and compare options 43 and 120: `lpe discover <SIP domain> --dhcp ADDRESS`.',
    confidence: 'documented', evidence: ['itpro-root'], signs: [],
    remedy: () => ({ sentence: 'Let all DHCP servers that hear the phones tell the same options 43 and 120, or only one of them.', commands: ['Get-CsRegistrarConfiguration | Format-List Identity, EnableDHCPServer', listOptions] }),
  },
  {
    id: 'LPE009', title: "Nothing has set the phone's clock",
    symptom: 'After a power cut or in a new VLAN phones do not sign in, although certificates are valid.',
    cause: 'A phone without power forgets the time and asks NTP for it. Where nobody answers it judges certificates by a date of years ago.',
    beforehand: 'From the phone VLAN: does SRV _ntp._udp of the domain of the lease and of the SIP domain name a server, does UDP 123 reach it, or time.windows.com?',
    confidence: 'documented', evidence: ['itpro-time', 'msxfaq-lyncphone'], signs: ['clock-wrong'],
    remedy: ({ facts }) => ({
      sentence: 'Let the phone learn the time: publish SRV _ntp._udp in the SIP domain and the domain of the lease, pointing at a domain controller, let UDP 123 through from the phone VLAN, or let it reach time.windows.com; then restart it.',
      commands: [
        `Add-DnsServerResourceRecord -Srv -ZoneName "${fact(facts, 'sipDomain', '<SIP domain>')}" -Name "_ntp._udp" -DomainName "<domain controller>" -Priority 0 -Weight 0 -Port 123   (DNS server)`,
        'w32tm /stripchart /computer:<domain controller> /samples:3 /dataonly   (from the phone VLAN)',
      ],
    }),
    entails: ['LPE031', 'LPE073', 'LPE075'],
  },
  {
    id: 'LPE074', title: 'The time server has the wrong time',
    symptom: 'Phones that restart do not sign in any more, those that run stay signed in.',
    cause: 'The server that SRV _ntp._udp names is wrong by more than the certificates allow; often a virtual machine that follows its host.',
    beforehand: 'Compare the time of every server that _ntp._udp names with a good clock: `w32tm /stripchart`; `lpe discover` names them.',
    confidence: 'inferred', evidence: ['itpro-time', 'msxfaq-lyncphone'], signs: ['clock-wrong'], when: ({ facts }) => typeof facts['setBy'] === 'string',
    remedy: ({ facts }) => {
      const server = fact(facts, 'setBy', '<domain controller>');
      return {
        sentence: `Set the clock of ${server} right, then restart the phone: it takes the time from there.`,
        commands: [`w32tm /stripchart /computer:${server} /samples:3 /dataonly`, `w32tm /resync   (on ${server})`],
      };
    },
    entails: ['LPE031', 'LPE073', 'LPE075'],
  },
  {
    id: 'LPE054', title: 'No name server answers the phone',
    symptom: 'The phone finds neither web services nor registrar.',
    cause: 'The lease names no DNS server, or one that does not answer, refuses, or answers garbage.',
    beforehand: 'Ask the name servers of the lease from the phone VLAN.',
    confidence: 'inferred', evidence: ['itpro-registrar'], signs: ['no-name-server', 'web-service-unreachable', 'registrar-unreachable', 'exchange-unavailable'],
    when: (finding) => finding.sign === 'no-name-server' || dnsFailed(finding),
    remedy: () => ({ sentence: 'Check the lease of the phone VLAN: it must name DNS servers that answer.', commands: [listOptions, 'nslookup <pool FQDN> <name server>   (from the phone VLAN)'] }),
    alternatives: [{ id: 'LPE082', when: ({ around }) => !around.outside, experiment: 'Ask the name servers from a PC in the VLAN that System Information shows, and from one elsewhere: where only the other is answered, the VLAN is at fault.' }],
    entails: ['LPE052', 'LPE056', 'LPE057', 'LPE073', 'LPE075', 'LPE078'],
  },
  {
    id: 'LPE076', title: 'A firewall between phones and servers drops what they send',
    symptom: 'The phone waits long at one stage, and a capture shows SYNs without an answer.',
    cause: 'Ports 80, 443, 5061, 389 or 53 are not open from the phone VLAN; a machine that is off looks the same.',
    beforehand: 'Connect from the phone VLAN to every port that `lpe discover` lists.',
    confidence: 'assumed', evidence: [], signs: ['web-service-unreachable', 'registrar-unreachable'], when: dropped,
    remedy: ({ facts }) => ({
      sentence: `Let the phone VLAN reach port ${fact(facts, 'port', '<port>')} of ${fact(facts, 'host', '<host name>')}, and check that the machine runs.`,
      commands: [`Test-NetConnection ${fact(facts, 'host', '<host name>')} -Port ${fact(facts, 'port', '<port>')}   (from the phone VLAN)`],
    }),
    alternatives: [
      { id: 'LPE053', when: ({ rule }) => rule === 'web-service-unreachable', experiment: 'Connect to the port from beside the server: where that fails too, the machine or its service is off.' },
      { id: 'LPE058', when: ({ rule }) => rule === 'registrar-unreachable', experiment: 'Connect to the port from beside the server: where that fails too, the machine or its service is off.' },
    ],
  },
];
