import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { NtlmHttpClient, NtlmHttpServer } from '../../src/protocol/ntlm/http.js';
import { programOrSkip } from './debian-program.js';

const password = 'lab-password-alice';
const newServer = () => new NtlmHttpServer({
  netbiosDomain: 'CONTOSO', dnsDomain: 'contoso.lab', computer: 'LYNC', now: Date.now,
  passwordOf: (domain, user) => domain === 'CONTOSO' && user === 'alice' ? password : undefined,
});

/** Samba's ntlm_auth as a helper process: a line in, a line out. */
async function withSamba<T>(program: string, role: string, typed: string, use: (ask: (line: string) => Promise<string>) => Promise<T>): Promise<T> {
  const helper = spawn(program, [
    '--configfile=/dev/null', `--helper-protocol=${role}`, '--username=alice', '--domain=CONTOSO', `--password=${typed}`,
  ], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: helper.stdout })[Symbol.asyncIterator]();
  try {
    return await use(async (line) => {
      helper.stdin.write(`${line}\n`);
      return String((await lines.next()).value);
    });
  } finally {
    helper.stdin.end();
    await once(helper, 'close');
  }
}

describe('Samba\'s NTLM against ours', () => {
  let samba: string;
  before(function () { samba = programOrSkip(this, 'ntlm_auth', 'winbind'); });

  for (const [what, typed, verdict] of [
    ['lets our client in', password, /^AF CONTOSO\\alice$/], ['keeps our client out with a wrong password', 'wrong', /^NA NT_STATUS_LOGON_FAILURE$/],
  ] as const) {
    it(`its server ${what}`, () => withSamba(samba, 'squid-2.5-ntlmssp', password, async (ask) => {
      const client = new NtlmHttpClient({ domain: 'CONTOSO', user: 'alice', password: typed });
      const challenge = await ask(`YR ${client.negotiate()}`);
      assert.match(await ask(`KK ${client.authenticate(challenge.replace(/^TT /, ''))}`), verdict);
    }));
  }
  for (const [typed, ok] of [[password, true], ['wrong', false]] as const) {
    it(`our server ${ok ? 'lets its client in' : 'keeps its client out with a wrong password'}`, () => withSamba(samba, 'ntlmssp-client-1', typed, async (ask) => {
      const { challenge, verify } = newServer().challenge((await ask('YR')).replace(/^YR /, ''));
      assert.equal(verify((await ask(`TT ${challenge}`)).replace(/^AF /, '')).ok, ok);
    }));
  }
});

describe('curl --ntlm against our server', () => {
  before(function () { programOrSkip(this, 'curl', 'curl'); });

  for (const [typed, status] of [[password, '200'], ['wrong', '401']] as const) {
    it(`gets ${status}`, async () => {
      const pending = new WeakMap<Socket, ReturnType<NtlmHttpServer['challenge']>>();
      const server = createServer((request, response) => {
        const token = /^NTLM (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
        const challenged = pending.get(request.socket);
        pending.delete(request.socket);
        if (token !== undefined && challenged?.verify(token).ok) {
          response.writeHead(200).end();
          return;
        }
        const next = token === undefined || challenged !== undefined ? undefined : newServer().challenge(token);
        if (next !== undefined) pending.set(request.socket, next);
        response.writeHead(401, { 'WWW-Authenticate': next === undefined ? 'NTLM' : `NTLM ${next.challenge}` }).end();
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      try {
        const { stdout } = await promisify(execFile)('curl', [
          '--silent', '--noproxy', '*', '--ntlm', '--user', String.raw`CONTOSO\alice:` + typed, '--write-out', '%{http_code}', `http://127.0.0.1:${port}/`,
        ]);
        assert.equal(stdout, status);
      } finally {
        server.close();
      }
    });
  }
});
