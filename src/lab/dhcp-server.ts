import type { Trace } from '../trace/trace.js';
import { decodeDhcpMessage, encodeDhcpMessage, messageType, messageTypes } from '../protocol/dhcp/message.js';
import { optionCodes } from '../protocol/dhcp/options.js';
import { encodeProvisioningOption, provisioningVendorClass } from '../protocol/dhcp/provisioning-option.js';
import { encodeSipServersOption } from '../protocol/dhcp/sip-servers-option.js';
import { listenForDatagrams, type DatagramService } from './datagram-listener.js';
import type { Topology } from './topology-schema.js';

export interface DhcpServerOptions {
  /** Read at every request. */
  settings: () => Topology['dhcp'];
  trace: Trace;
  bindAddress: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /** Its own address as it tells it (option 54); `bindAddress` unless given. */
  address?: string;
}

/**
 * The responder inside a Lync Registrar (`Set-CsRegistrarConfiguration -EnableDHCPServer`): it answers DHCPINFORM of the
 * class MS-UC-Client and nothing else, and never hands out an address.
 */
export function startDhcpServer(options: DhcpServerOptions): Promise<DatagramService> {
  const { trace, bindAddress, port = 0, address = bindAddress } = options;
  // A server of RFC 2131 answers to ciaddr:68; this one answers where the datagram came from, since the lab's addresses are made up.
  return listenForDatagrams({ actor: 'dhcp', trace, bindAddress, port }, (datagram) => {
    const request = decodeDhcpMessage(datagram);
    const vendorClass = request.options.get(optionCodes.vendorClass)?.toString('latin1') ?? '';
    if (request.operation !== 'request' || messageType(request) !== messageTypes.inform || vendorClass !== provisioningVendorClass) {
      const summary = `A DHCP message of type ${messageType(request)} and class '${printable(vendorClass)}' was ignored: only DHCPINFORM of class '${provisioningVendorClass}' is answered.`;
      trace.record('dhcp', { layer: 'note', summary });
      return undefined;
    }
    const settings = options.settings();
    const peer = request.clientAddress;
    trace.record('dhcp', { layer: 'dhcp', direction: 'received', peer, summary: `DHCPINFORM ${provisioningVendorClass}` });
    trace.record('dhcp', {
      layer: 'dhcp', direction: 'sent', peer,
      summary: `DHCPACK option 43: ${settings.option43?.webServerFqdn ?? 'none'}, option 120: ${settings.option120 ?? 'none'}`,
    });
    return encodeDhcpMessage({ ...request, operation: 'reply', options: answerOptions(settings, address) });
  });
}

function answerOptions(settings: Topology['dhcp'], address: string): Map<number, Buffer> {
  const options = new Map<number, Buffer>([
    [optionCodes.messageType, Buffer.of(messageTypes.ack)],
    [optionCodes.serverIdentifier, Buffer.from(address.split('.').map(Number))],
    [optionCodes.domainName, Buffer.from(settings.domainName, 'latin1')],
  ]);
  if (settings.option43 !== null) {
    options.set(optionCodes.vendorSpecific, encodeProvisioningOption({
      ...settings.option43, ucIdentifier: provisioningVendorClass, webServerPort: settings.option43.webServerPort ?? undefined,
    }));
  }
  if (settings.option120 !== null) options.set(optionCodes.sipServers, encodeSipServersOption(settings.option120));
  return options;
}

/** Without what would garble a terminal: the text is a stranger's. */
function printable(text: string): string {
  return text.slice(0, 64).replace(/[^ -~]/g, '?');
}
