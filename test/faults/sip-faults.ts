import type { Socket } from 'node:net';
import type { FaultyLab } from './faulty-lab.js';
import type { Fault } from './stage-table.js';

/** What a registrar does with the bytes of a connection before it is TLS. */
const tlsFaults: Readonly<Record<string, (socket: Socket, faulty: FaultyLab) => void>> = {
  'no answer': (socket, faulty) => { socket.once('data', () => { faulty.stall(); }); },
  'a reset': (socket) => { socket.once('data', () => { socket.resetAndDestroy(); }); },
  // The beginning of a ServerHello.
  'half an answer, then silence': (socket, faulty) => { socket.once('data', () => { socket.write(Buffer.from('160301004a0200', 'hex')); faulty.stall(); }); },
  'garbage': (socket) => { socket.write('\0\x01\x02\x03'); },
  'a wrong content type: plain HTTP': (socket) => { socket.write('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'); },
  // A Certificate message of 16 MB.
  'an oversize answer': (socket) => { socket.write(Buffer.concat([Buffer.from('1603013fff0bffffff', 'hex'), Buffer.alloc(0x3ffb)])); },
  // Application data.
  'an answer to another question': (socket) => { socket.write(Buffer.from('1703010005aabbccddee', 'hex')); },
};

/** What it does with a SIP request inside TLS. */
const sipFaults: Readonly<Record<string, (socket: Socket, faulty: FaultyLab, request: string) => void>> = {
  'no answer': (_, faulty) => { faulty.stall(); },
  'a refused connection, as far as there can be one: a close': (socket) => { socket.end(); },
  'a reset': (socket) => { socket.destroy(); },
  'half an answer, then silence': (socket, faulty) => { socket.write('SIP/2.0 200 O'); faulty.stall(); },
  'garbage': (socket) => { socket.write('\0\x01\x02\x03 no SIP\r\n\r\n'); },
  'a wrong content type: HTTP': (socket) => { socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n'); },
  'an oversize answer': (socket) => { socket.write(`SIP/2.0 200 OK\r\nSubject: ${'x'.repeat(1 << 20)}`); },
  'an answer to another question': (socket, faulty, request) => { socket.write(answerToAnother(request)); faulty.stall(); },
};

export const connectionFaults: Fault[] = Object.entries(tlsFaults).map(([name, fault]): Fault =>
  [name, (faulty) => ({ sipConnection: (socket) => { fault(socket, faulty); } })]);

/** Each SIP fault, at every request with that method. */
export function sipFaultsAt(method: string): Fault[] {
  return Object.entries(sipFaults).map(([name, fault]) => [name, (faulty) => ({
    sip: (message, socket) => {
      if (!message.startsWith(`${method} `)) return false;
      fault(socket, faulty, message);
      return true;
    },
  })]);
}

/** 200 with the request's own headers, but of another transaction and call. */
function answerToAnother(request: string): string {
  const [head = ''] = request.split('\r\n\r\n');
  return `${head.replace(/^.*/, 'SIP/2.0 200 OK').replace(/branch=[^;\r]*/, 'branch=z9hG4bKother').replace(/^Call-ID: .*$/m, 'Call-ID: other')
    .replace(/^Content-Length: .*$/m, 'Content-Length: 0')}\r\n\r\n`;
}
