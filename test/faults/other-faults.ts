import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { decodeDhcpMessage, messageType, messageTypes } from '../../src/protocol/dhcp/message.js';
import { optionCodes } from '../../src/protocol/dhcp/options.js';
import { encodeLdapMessage } from '../../src/protocol/ldap/message.js';
import type { DatagramFault, DatagramServiceName, FaultyLab } from './faulty-lab.js';
import type { Fault } from './stage-table.js';

/** Bytes that tell one question's answer from another's: ids of DNS, transaction ids of DHCP, the client's own time in NTP. */
const identifiers: Record<DatagramServiceName, readonly number[]> = { dns: [0, 1], dhcp: [4, 5, 6, 7], ntp: [24, 25, 26, 27, 28, 29, 30, 31] };

const datagramFaults: Record<string, DatagramFault> = {
  'no answer': () => undefined,
  'half an answer': (answer) => answer.subarray(0, answer.length / 2),
  'garbage': () => Buffer.from('garbage'),
  'a wrong content type: another protocol': () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'an oversize answer': (answer) => Buffer.concat([answer.subarray(0, 12), Buffer.alloc(60_000, 0xc0)]),
};

/** Each fault of a service over UDP, at the requests that are meant. */
export function datagramFaultsOf(service: DatagramServiceName, isMeant = (_request: Buffer) => true): Fault[] {
  const toAnother: DatagramFault = (answer) => Buffer.from(answer.map((byte, index) => (identifiers[service].includes(index) ? byte ^ 1 : byte)));
  return Object.entries({ ...datagramFaults, 'an answer to another question': toAnother }).map(([name, fault]) =>
    [name, () => ({ [service]: (answer: Buffer, request: Buffer) => (isMeant(request) ? fault(answer, request) : answer) })]);
}

const isDhcp = (type: keyof typeof messageTypes, vendorClass?: string) => (request: Buffer) => {
  const message = decodeDhcpMessage(request);
  return messageType(message) === messageTypes[type] && message.options.get(optionCodes.vendorClass)?.toString() === vendorClass;
};

/** Each fault of DHCP at one of the four things that a phone asks of it. */
export const dhcpFaults = {
  vlan: datagramFaultsOf('dhcp', isDhcp('discover', 'CPE-OCPHONE')),
  offer: datagramFaultsOf('dhcp', isDhcp('discover')),
  acknowledgement: datagramFaultsOf('dhcp', isDhcp('request')),
  options: datagramFaultsOf('dhcp', isDhcp('inform', 'MS-UC-Client')),
};

const directoryAnswers: Record<string, (socket: Socket, faulty: FaultyLab) => void> = {
  'no answer': (_, faulty) => { faulty.stall(); },
  'a reset': (socket) => { socket.resetAndDestroy(); },
  // The beginning of a search result of 100 bytes.
  'half an answer, then silence': (socket, faulty) => { socket.write(Buffer.from('3064020101', 'hex')); faulty.stall(); },
  'garbage': (socket) => { socket.write('\0\x01\x02\x03'); },
  'a wrong content type: another protocol': (socket) => { socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'); },
  'an oversize answer': (socket) => { socket.write(Buffer.from('30847fffffff', 'hex')); },
  'an answer to another question': (socket, faulty) => {
    socket.write(encodeLdapMessage({ id: 99, operation: { kind: 'searchResultDone', resultCode: 0, diagnosticMessage: '' } }));
    faulty.stall();
  },
};

/** Each fault of the directory, at the first thing that it is asked. */
export const directoryFaults: Fault[] = Object.entries(directoryAnswers).map(([name, fault]) =>
  [name, (faulty) => ({ directory: (socket) => { socket.once('data', () => { fault(socket, faulty); }); } })]);

/** Nothing listens at a port (`443/tcp`), or at that of one server (`10.0.0.11:443/tcp`). */
export const closed = (port: string): Fault => ['a refused connection', () => ({ closed: new Set([port]) })];

/** Everything is gone once that request to the web services is answered, so that the kept connection does not help. */
export const closedAfter = (isLast: (request: IncomingMessage) => boolean): Fault => ['a refused connection', (faulty) => ({
  https: (request, response) => {
    if (isLast(request)) {
      response.setHeader('Connection', 'close');
      faulty.closePort('443/tcp');
    }
    return false;
  },
})];
