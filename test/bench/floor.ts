import { createPrivateKey, createPublicKey, generateKeyPair, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { connect, createSecureContext, createServer, TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { testIdentity } from '../test-identity.js';

const tls = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'AES128-SHA:@SECLEVEL=0' } as const;

/** What a sign-in cannot do without, by Node's own means and nothing else around it. Keys and the servers' TLS contexts are made once, beforehand. */
export interface Floor {
  /** One TLS 1.0 handshake, AES128-SHA with RSA-2048, over a loopback connection of its own that is then closed. */
  outerHandshake: () => Promise<void>;
  /** The same in memory, the TLS-DSK one, with a client certificate that is new: a TLS context is made for it. */
  innerHandshake: () => Promise<void>;
  /** One RSA-2048 signature, SHA-1, and its verification. */
  signature: () => void;
  keyGeneration: () => Promise<unknown>;
  close: () => void;
}

export async function startFloor(): Promise<Floor> {
  const { certificatePem: cert, privateKeyPem: key } = testIdentity('floor', 2048);
  const serverContext = createSecureContext({ cert, key, ca: cert, ...tls });
  const clientContext = createSecureContext(tls);
  const server = createServer({ cert, key, ...tls }, (socket) => { socket.on('end', () => { socket.end(); }).resume(); });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connections = new Set<Promise<unknown>>();
  server.on('connection', (socket: Socket) => {
    const closed = once(socket, 'close').finally(() => { connections.delete(closed); });
    connections.add(closed);
  });
  const text = Buffer.alloc(500);
  const privateKey = createPrivateKey(key);
  const publicKey = createPublicKey(privateKey);
  return {
    outerHandshake: async () => {
      const socket = connect({ host: '127.0.0.1', port, secureContext: clientContext, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      socket.end();
      await Promise.all([once(socket.resume(), 'close'), ...connections]);
    },
    innerHandshake: async () => {
      const [one, other] = duplexPair();
      const accepting = new TLSSocket(other, { isServer: true, secureContext: serverContext, requestCert: true, rejectUnauthorized: false });
      const connecting = connect({ socket: one, secureContext: createSecureContext({ cert, key, ...tls }), rejectUnauthorized: false });
      await Promise.all([once(accepting, 'secure'), once(connecting, 'secureConnect')]);
      for (const end of [connecting, accepting]) end.destroy();
    },
    signature: () => { verify('sha1', text, publicKey, sign('sha1', text, privateKey)); },
    keyGeneration: () => promisify(generateKeyPair)('rsa', { modulusLength: 2048 }),
    close: () => { server.close(); },
  };
}
