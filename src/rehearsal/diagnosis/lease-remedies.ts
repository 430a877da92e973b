import type { Facts } from '../../failure.js';
import type { Remedy } from './remedy.js';

const listScopes = 'Get-DhcpServerv4Scope | Format-Table ScopeId, StartRange, EndRange, State   (DHCP server)';
const listFree = 'Get-DhcpServerv4ScopeStatistics -ScopeId <phone VLAN> | Format-List Free, PercentageInUse   (DHCP server)';

/** For a phone that stays at "Acquiring IP Address": what it knows of its VLAN says where to look first. */
export function leaseRemedy({ vlan, source }: Facts): Remedy {
  if (typeof vlan !== 'number') {
    return {
      sentence: 'Check that the cable is in the LAN jack and not in the one for the PC, that the switch port leads to a VLAN with a DHCP server or a relay to one, and that its scope has free addresses.',
      commands: [listScopes, listFree],
    };
  }
  return {
    sentence: `Check that VLAN ${vlan} is the phones' own, as ${source === 'dhcp' ? 'the DHCP option for class CPE-OCPHONE' : "the switch's LLDP-MED policy"} says, that a DHCP server or a relay to one is in it, and that its scope has free addresses.`,
    commands: [listScopes, listFree],
  };
}
