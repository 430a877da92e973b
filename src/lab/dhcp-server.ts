import type { Trace } from '../trace/trace.js';
import { addressBytes, addressText } from '../protocol/dhcp/address.js';
import { encodeLeaseOptions, messageTypeOption, serverIdentifierOf } from '../protocol/dhcp/lease-options.js';
import { decodeDhcpMessage, encodeDhcpMessage, messageType, messageTypes, type DhcpMessage } from '../protocol/dhcp/message.js';
import { optionCodes } from '../protocol/dhcp/options.js';
import { encodeProvisioningOption, provisioningVendorClass } from '../protocol/dhcp/provisioning-option.js';
import { encodeSipServersOption } from '../protocol/dhcp/sip-servers-option.js';
import { asksForVlan, encodeVlanOption } from '../protocol/dhcp/vlan-option.js';
import { listenForDatagrams, type DatagramService } from './datagram-listener.js';
import type { DhcpLeases } from './dhcp-leases.js';
import type { Topology } from './topology-schema.js';

export interface DhcpServerOptions {
  /** Read at every request. */
  settings: () => Topology['dhcp'];
  /** Option 6 of a lease whose settings name none. */
  nameServers: () => readonly string[];
  /** Shared by the servers of one network. */
  leases: DhcpLeases;
  trace: Trace;
  bindAddress: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /** Its own address as it tells it (option 54); `bindAddress` unless given. */
  address?: string;
}

/** What a request comes to; undefined: silence. */
type Answer = { type: 'offer' | 'ack' | 'nak'; yourAddress?: string; options: readonly (readonly [number, Buffer])[]; tells: string } | undefined;

/**
 * The DHCP server of the phones' network: leases, the VLAN for the class CPE-OCPHONE, and, to DHCPINFORM of the class MS-UC-Client, what the responder
 * inside a Lync Registrar tells (`Set-CsRegistrarConfiguration -EnableDHCPServer`). Without `lease` in its settings it is that responder alone.
 */
export function startDhcpServer(options: DhcpServerOptions): Promise<DatagramService> {
  const { leases, trace, bindAddress, port = 0, address = bindAddress } = options;
  // A server of RFC 2131 answers to port 68; this one answers where the datagram came from, since the lab's addresses are made up.
  return listenForDatagrams({ actor: 'dhcp', trace, bindAddress, port }, (datagram) => {
    const request = decodeDhcpMessage(datagram);
    const vendorClass = request.options.get(optionCodes.vendorClass)?.toString('latin1') ?? '';
    const type = Object.entries(messageTypes).find(([, number]) => number === messageType(request))?.[0];
    const peer = request.clientAddress === '0.0.0.0' ? request.hardwareAddress : request.clientAddress;
    const answer = request.operation === 'request' ? answerTo(request, { type, vendorClass, leases, address, settings: options.settings(), nameServers: options.nameServers() }) : undefined;
    if (answer === undefined) {
      trace.record('dhcp', { layer: 'note', summary: `A DHCP message of type ${messageType(request)} and class '${printable(vendorClass)}' from ${peer} was not answered.` });
      return undefined;
    }
    trace.record('dhcp', { layer: 'dhcp', direction: 'received', peer, summary: `DHCP${type?.toUpperCase()} ${printable(vendorClass)}`.trim() });
    trace.record('dhcp', { layer: 'dhcp', direction: 'sent', peer, summary: `DHCP${answer.type.toUpperCase()} ${answer.tells}`.trim() });
    return encodeDhcpMessage({
      operation: 'reply', transactionId: request.transactionId, clientAddress: request.clientAddress, hardwareAddress: request.hardwareAddress,
      ...(answer.yourAddress === undefined ? {} : { yourAddress: answer.yourAddress }),
      options: new Map([messageTypeOption(answer.type), [optionCodes.serverIdentifier, addressBytes(address)], ...answer.options]),
    });
  });
}

interface Question {
  type: string | undefined;
  vendorClass: string;
  leases: DhcpLeases;
  /** Of this server. */
  address: string;
  settings: Topology['dhcp'];
  nameServers: readonly string[];
}

function answerTo(request: DhcpMessage, question: Question): Answer {
  const { type, vendorClass, leases, address, settings } = question;
  if (type === 'inform' && vendorClass === provisioningVendorClass) return provisioning(settings);
  if (settings.lease === null || (type !== 'discover' && type !== 'request')) return undefined;
  // Whoever takes another server's offer says so to all.
  if (type === 'request' && (serverIdentifierOf(request.options) ?? address) !== address) return undefined;
  const yourAddress = leases.addressFor(request.hardwareAddress, settings.lease);
  if (yourAddress === undefined) return undefined;
  const wanted = request.options.get(optionCodes.requestedAddress);
  if (type === 'request' && (wanted === undefined ? request.clientAddress : addressText(wanted)) !== yourAddress) return { type: 'nak', options: [], tells: '' };
  const vlan = asksForVlan(vendorClass) ? settings.vlan : undefined;
  return {
    type: type === 'discover' ? 'offer' : 'ack', yourAddress,
    options: [...leaseOptions(settings, settings.lease, question.nameServers), ...(vlan === undefined ? [] : [[optionCodes.vendorSpecific, encodeVlanOption(vlan)] as const])],
    tells: `${yourAddress}${vlan === undefined ? '' : `, VLAN ${vlan}`}`,
  };
}

function leaseOptions({ domainName }: Topology['dhcp'], lease: NonNullable<Topology['dhcp']['lease']>, nameServers: readonly string[]) {
  return encodeLeaseOptions({
    domainName, subnetMask: lease.subnetMask, routers: lease.router === undefined ? [] : [lease.router], nameServers: lease.nameServers ?? nameServers, seconds: lease.seconds,
  });
}

function provisioning(settings: Topology['dhcp']): Answer {
  const options: [number, Buffer][] = [[optionCodes.domainName, Buffer.from(settings.domainName, 'latin1')]];
  if (settings.option43 !== null) {
    options.push([optionCodes.vendorSpecific, encodeProvisioningOption({
      ...settings.option43, ucIdentifier: provisioningVendorClass, webServerPort: settings.option43.webServerPort ?? undefined,
    })]);
  }
  if (settings.option120 !== null) options.push([optionCodes.sipServers, encodeSipServersOption(settings.option120)]);
  return { type: 'ack', options, tells: `option 43: ${settings.option43?.webServerFqdn ?? 'none'}, option 120: ${settings.option120 ?? 'none'}` };
}

/** Without what would garble a terminal: the text is a stranger's. */
function printable(text: string): string {
  return text.slice(0, 64).replace(/[^ -~]/g, '?');
}
