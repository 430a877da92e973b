import type { ServerResponse } from 'node:http';
import type { FaultyLab, Site, WebSpoiler } from './faulty-lab.js';
import type { Fault } from './stage-table.js';

/** What a web service does with a request instead of answering it. */
type WebFault = (response: ServerResponse, faulty: FaultyLab) => void;

const reply = (contentType: string, body: string | Buffer): WebFault => (response) => { response.writeHead(200, { 'Content-Type': contentType }).end(body); };

const webFaults: Readonly<Record<string, WebFault>> = {
  'no answer': (_, faulty) => { faulty.stall(); },
  'a reset': (response) => { response.socket?.destroy(); },
  'half an answer, then silence': (response, faulty) => { response.writeHead(200, { 'Content-Length': 1000 }).write('<s:Env'); faulty.stall(); },
  'garbage': (response) => { response.socket?.end('\0\x01\x02 no HTTP\r\n\r\n'); },
  'a wrong content type: a web page': reply('text/html', '<html><body>Welcome to IIS</body></html>'),
  'an oversize answer': reply('text/xml', Buffer.alloc(3 << 20, ' ')),
};

/** Each web fault, and an answer to `another` question, at one path of a site; with `/*` at its end, at what lies below it too. */
export function webFaultsAt(site: Site, path: string, another: string): Fault[] {
  const isThere = (url = '') => (path.endsWith('/*') ? url.startsWith(path.slice(0, -2)) : url.toLowerCase() === path.toLowerCase());
  return Object.entries({ ...webFaults, 'an answer to another question': reply('text/xml', another) }).map(([name, fault]): Fault => [name, (faulty) => ({
    [site]: ((request, response) => {
      if (!isThere(request.url)) return false;
      request.resume().on('end', () => { fault(response, faulty); });
      return true;
    }) satisfies WebSpoiler,
  })]);
}
