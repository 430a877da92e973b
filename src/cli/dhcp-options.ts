import { InvalidArgumentError, Option } from 'commander';
import { Failure } from '../failure.js';
import { readOption } from '../rehearsal/dhcp-configuration/which-option.js';
import { renderOptionReadings } from '../rehearsal/dhcp-configuration/option-report.js';
import { dhcpServerMakes, serverConfiguration, type DhcpServerMake } from '../rehearsal/dhcp-configuration/server-configuration.js';
import type { AddCommand } from './command.js';
import { fullName } from './host-argument.js';

interface Options {
  web?: string;
  registrar?: string;
  vlan?: number;
  format: DhcpServerMake;
  decode?: string[];
}

export const addDhcpOptions: AddCommand = (program, io, finish) => {
  program.command('dhcp-options')
    .description('Writes DHCP options 43 and 120 for the server you use, as DHCPUtil did for Windows, or tells what a server has now.')
    .option('--web <fqdn>', 'internal web services: the pool, or their own name where they have one', fullName)
    .option('--registrar <fqdn>', 'first logon server: the Director where there is one, else the Front End pool', fullName)
    .option('--vlan <number>', 'VLAN of the phones; leave it out where LLDP tells it, or where there is none', vlanNumber)
    .addOption(new Option('--format <server>', 'make of the DHCP server, or the bare values').choices(dhcpServerMakes).default('hex'))
    .option('--decode <hex>', "value of option 43 or 120 as the server has it; may be given again", (value: string, all: string[] = []) => [...all, value])
    .addHelpText('after', '\nNo document tells how the VLAN is encoded: two bytes, as written here, is an assumption.\n'
      + '\nExit status: 0 written, or decoded without a fault; 1 decoded, with faults; 2 wrong use or input.\n'
      + '\nExamples:\n  $ lpe dhcp-options --web lync.contoso.com --registrar sip.contoso.com --format kea\n'
      + '  $ lpe dhcp-options --web lync.contoso.com --registrar sip.contoso.com --vlan 100 --format windows\n'
      + '  $ lpe dhcp-options --decode 000373697007636F6E746F736F03636F6D00')
    .action(({ web, registrar, vlan, format, decode }: Options) => {
      if (decode !== undefined) {
        if (web !== undefined || registrar !== undefined || vlan !== undefined) throw new Failure('usage/decode-alone', '--decode reads what a server has; --web, --registrar and --vlan write what it should have. Give the one or the other.');
        const readings = decode.map(readOption);
        io.out(renderOptionReadings(readings, io.width));
        finish(readings.some(({ faults }) => faults.length > 0) ? 1 : 0);
        return;
      }
      if (web === undefined || registrar === undefined) {
        throw new Failure('usage/no-server', 'Say where phones are to go: --web FQDN and --registrar FQDN, or --decode HEX to read what a server has.', {
          hint: 'Get-CsService -WebServer | Format-List PoolFqdn, InternalFqdn tells the first; the second is the Director pool, or the same pool.',
        });
      }
      io.out(serverConfiguration(format, { web, registrar, vlan }));
      finish(0);
    });
};

function vlanNumber(text: string): number {
  const vlan = Number(text);
  if (/^\d{1,4}$/.test(text) && vlan >= 1 && vlan <= 4094) return vlan;
  throw new InvalidArgumentError('It takes the number of a VLAN, 1 to 4094.');
}
