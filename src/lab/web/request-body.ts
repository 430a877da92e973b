import type { IncomingMessage } from 'node:http';
import { Failure } from '../../failure.js';

/** Largest body that is read. */
const largestBody = 1 << 20;
/** How long a client may take to send one. */
const slowest = 10_000;

/** Reads a request's body. Rejects with `web/body-too-large`, `web/body-too-slow` or `web/body-incomplete`. */
export async function readRequestBody(request: IncomingMessage, milliseconds = slowest): Promise<Buffer> {
  const tooLarge = new Failure('web/body-too-large', `A request body of more than ${largestBody} bytes was received.`);
  if (Number(request.headers['content-length']) > largestBody) throw tooLarge;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Failure('web/body-too-slow', `A request body did not arrive within ${milliseconds} ms.`));
      }, milliseconds).unref();
      const parts: Buffer[] = [];
      let size = 0;
      request.on('data', (part: Buffer) => {
        size += part.length;
        if (size > largestBody) reject(tooLarge);
        else parts.push(part);
      });
      request.on('end', () => { resolve(Buffer.concat(parts)); });
      request.on('error', (cause) => { reject(new Failure('web/body-incomplete', 'The connection ended within a request body.', { cause })); });
    });
  } finally {
    clearTimeout(timer);
  }
}
