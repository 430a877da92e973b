import type { ServerResponse } from 'node:http';
import type { FaultyLab, Misbehaviour } from './faulty-lab.js';

/** What a web service does with a request instead of answering it. */
type WebFault = (response: ServerResponse, faulty: FaultyLab) => void;

const reply = (contentType: string, body: string | Buffer): WebFault => (response) => { response.writeHead(200, { 'Content-Type': contentType }).end(body); };

const webFaults: Readonly<Record<string, WebFault>> = {
  'no answer': (_, faulty) => { faulty.stall(); },
  'a reset': (response) => { response.socket?.destroy(); },
  'half an answer, then silence': (response, faulty) => { response.writeHead(200, { 'Content-Length': 1000 }).write('<s:Env'); faulty.stall(); },
  'garbage': (response) => { response.socket?.end('\0\x01\x02 no HTTP\r\n\r\n'); },
  'a web page': reply('text/html', '<html><body>Welcome to IIS</body></html>'),
  'an oversize answer': reply('text/xml', Buffer.alloc(3 << 20, ' ')),
};

/** Each web fault, and an answer to `another` question, at one path of the web services. */
export function webFaultsAt(scheme: 'http' | 'https', path: string, another: string): [fault: string, make: (faulty: FaultyLab) => Misbehaviour][] {
  return Object.entries({ ...webFaults, 'an answer to another question': reply('text/xml', another) }).map(([name, fault]) => [name, (faulty) => {
    const spoil: Misbehaviour['https'] = (request, response) => {
      if (!request.url?.startsWith(path)) return false;
      request.resume().on('end', () => { fault(response, faulty); });
      return true;
    };
    return { [scheme]: spoil };
  }]);
}
