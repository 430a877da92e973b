import assert from 'node:assert/strict';
import { SipMessage } from '../../../src/protocol/sip/message.js';
import { SecurityAssociation, type MessageSigner } from '../../../src/protocol/sip/security-association.js';
import { tlsDskSigner } from '../../../src/protocol/tlsdsk/keys.js';

const keys = { clientKey: Buffer.alloc(32, 1), serverKey: Buffer.alloc(32, 2), hash: 'sha1' } as const;

function association(end: 'client' | 'server', signer: MessageSigner = tlsDskSigner(keys, end)): SecurityAssociation {
  return new SecurityAssociation({
    end, scheme: 'TLS-DSK', opaque: '4671A717', realm: 'SIP Communications Service', targetName: 'se01.contoso.lab', version: 4, signer,
  });
}

function register(): SipMessage {
  return SipMessage.parse([
    'REGISTER sip:contoso.lab SIP/2.0', 'From: <sip:alice@contoso.lab>;tag=1;epid=2', 'To: <sip:alice@contoso.lab>', 'Call-ID: x', 'CSeq: 4 REGISTER', '', '',
  ].join('\r\n'));
}

const resent = (message: SipMessage) => SipMessage.parse(message.toBuffer());

describe('a security association', () => {
  it('signs what the other end accepts, both ways', () => {
    const [client, server] = [association('client'), association('server')];
    const request = register();
    client.sign(request, {});
    assert.match(request.get('Proxy-Authorization') ?? '',
      /^TLS-DSK qop="auth", realm="SIP Communications Service", opaque="4671A717", targetname="se01.contoso.lab", version=4, crand="[0-9a-f]{8}", cnum="1", response="[0-9a-f]{40}"$/);
    assert.deepEqual(server.verify(resent(request)), { ok: true });
    const response = new SipMessage({ kind: 'response', status: 200, reason: 'OK' }, [...register().headers]).add('Expires', '7200');
    server.sign(response);
    assert.match(response.get('Authentication-Info') ?? '',
      /^TLS-DSK qop="auth", opaque="4671A717", srand="[0-9A-F]{8}", snum="1", rspauth="[0-9a-f]{40}", targetname="se01.contoso.lab", realm="SIP Communications Service", version=4$/);
    assert.deepEqual(client.verify(resent(response)), { ok: true });
  });

  it('takes either header a client may use', () => {
    const [client, server] = [association('client'), association('server')];
    const request = register();
    client.sign(request);
    const value = request.get('Proxy-Authorization') ?? '';
    assert.deepEqual(server.verify(register().add('Authorization', value)), { ok: true });
  });

  it('replaces the signature of a request that is sent again', () => {
    const client = association('client');
    const request = register();
    client.sign(request);
    client.sign(request);
    assert.equal(request.getAll('Proxy-Authorization').length, 1);
    assert.match(request.get('Proxy-Authorization') ?? '', /cnum="2"/);
  });

  it('refuses a changed message, a replay, another association and no signature, and says which', () => {
    const [client, server] = [association('client'), association('server')];
    const request = register();
    client.sign(request);
    assert.deepEqual(server.verify(resent(request).add('Expires', '0')), { ok: false, reason: 'wrong-signature' });
    assert.deepEqual(server.verify(request), { ok: true });
    assert.deepEqual(server.verify(request), { ok: false, reason: 'replayed' });
    assert.deepEqual(server.verify(register()), { ok: false, reason: 'unsigned' });
    const other = SipMessage.parse(request.toString().replace('4671A717', '00000000'));
    assert.deepEqual(server.verify(other), { ok: false, reason: 'other-association' });
  });

  it('accepts numbers out of order within a window of 256, each once', () => {
    const [client, server] = [association('client'), association('server')];
    const requests = Array.from({ length: 700 }, () => {
      const request = register();
      client.sign(request);
      return request;
    });
    const verdict = (number: number) => {
      const request = requests[number - 1];
      assert.ok(request);
      const result = server.verify(request);
      return result.ok || result.reason;
    };
    assert.equal(verdict(300), true);
    assert.equal(verdict(44), 'replayed');
    assert.equal(verdict(45), true);
    assert.equal(verdict(45), 'replayed');
    for (let number = 301; number <= 700; number++) assert.equal(verdict(number), true);
    assert.equal(verdict(400), 'replayed');
    assert.equal(verdict(699), 'replayed');
  });

  it('does not use up a number for a wrong signature, and takes only whole positive numbers', () => {
    const always: MessageSigner = { sign: () => 'aa', verify: (_text, signature) => signature === 'aa' };
    const server = association('server', always);
    const numbered = (number: string, signature = 'aa') => register().add('Authorization',
      `TLS-DSK realm="SIP Communications Service", targetname="se01.contoso.lab", opaque="4671A717", crand="1", cnum="${number}", response="${signature}"`);
    assert.equal(server.verify(numbered('5', 'bb')).ok, false);
    assert.equal(server.verify(numbered('5')).ok, true);
    for (const number of ['0', '', '-1', '1.5', 'x', '99999999999']) assert.equal(server.verify(numbered(number)).ok, false, number);
  });
});
