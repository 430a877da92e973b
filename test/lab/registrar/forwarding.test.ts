import assert from 'node:assert/strict';
import { endpointGruu } from '../../../src/protocol/sip/endpoint-identity.js';
import { SipMessage } from '../../../src/protocol/sip/message.js';
import { SimulatedClock } from '../../simulated-clock.js';
import { type RawClient, RegistrarBench } from './raw-client.js';

const epids = { alice: '492a7ce35f', desk: 'a0ae9e6cb0', lobby: 'c8ca638a15' };
const aorOf = (user: string) => `sip:${user}@contoso.lab`;
const gruuOf = (device: keyof typeof epids) => endpointGruu(aorOf(device === 'alice' ? 'alice' : 'bob'), epids[device]);

describe('the registrar: requests from one client to another', () => {
  let bench: RegistrarBench;
  let clock: SimulatedClock | undefined;
  let alice: RawClient;
  let desk: RawClient;

  const start = async (withClock?: SimulatedClock) => { clock = withClock; bench = await RegistrarBench.start(clock); };
  beforeEach(() => start());
  afterEach(() => bench.close());

  async function signedIn(device: keyof typeof epids): Promise<RawClient> {
    const client = await bench.connect();
    client.aor = aorOf(device === 'alice' ? 'alice' : 'bob');
    client.epid = epids[device];
    assert.equal((await client.signIn(bench.certificateOf(client.aor))).status, 200);
    return client;
  }

  /** A signed request out of a client to any address. */
  function send(client: RawClient, method: string, uri: string, headers: readonly (readonly [string, string])[] = [], body = ''): SipMessage {
    const { headers: own } = client.request(method, [['Contact', `<${endpointGruu(client.aor, client.epid)}>`], ['To', `<${uri}>`], ...headers]);
    const request = new SipMessage({ kind: 'request', method, uri }, own, body);
    client.security?.sign(request);
    client.send(request);
    return request;
  }

  /** What a client answers to a request it was sent; signed, unless it is not to be. */
  function answer(client: RawClient, request: SipMessage, status: number, { signed = true, body = '' } = {}): void {
    const to = request.get('To') ?? '';
    const response = new SipMessage({ kind: 'response', status, reason: 'Whatever' }, [], body);
    for (const via of request.getAll('Via')) response.add('Via', via);
    response.add('From', request.get('From') ?? '').add('To', to.includes(';tag=') ? to : `${to};tag=of${client.epid}`)
      .add('Call-ID', request.get('Call-ID') ?? '').add('CSeq', request.get('CSeq') ?? '').add('Contact', `<${endpointGruu(client.aor, client.epid)}>`);
    for (const route of request.getAll('Record-Route')) response.add('Record-Route', route);
    if (signed) client.security?.sign(response);
    client.send(response);
  }

  const next = async (client: RawClient) => {
    const message = await client.next();
    assert.deepEqual(client.security?.verify(message), { ok: true }, message.toString());
    return message;
  };
  const statuses = async (client: RawClient, ...expected: number[]) => {
    for (const status of expected) assert.equal((await next(client)).status, status);
  };
  const request = async (client: RawClient, method: string) => {
    const message = await next(client);
    assert.equal(message.startLine.kind === 'request' && message.method, method, message.toString());
    return message;
  };

  describe('a call', () => {
    beforeEach(async () => { [alice, desk] = [await signedIn('alice'), await signedIn('desk')]; });

    it('goes to the callee and back, each hop signed, and later requests find their way by GRUU', async () => {
      const sent = send(alice, 'INVITE', aorOf('bob'), [['P-Preferred-Identity', `<${aorOf('alice')}>`], ['Content-Type', 'application/sdp']], 'v=0\r\n');
      await statuses(alice, 100);
      const invite = await request(desk, 'INVITE');
      assert.match(invite.startLine.kind === 'request' ? invite.startLine.uri : '', /^sip:10\.0\.0\.20:49152;transport=tls;.*ms-received-cid=/);
      assert.equal(invite.get('P-Asserted-Identity'), '"Alice"<sip:alice@contoso.lab>,<tel:+15550100;ext=100>');
      assert.deepEqual(['P-Preferred-Identity', 'Proxy-Authorization'].map((name) => invite.get(name)), [undefined, undefined]);
      assert.deepEqual([invite.get('Max-Forwards'), invite.get('Record-Route'), invite.body.toString()], ['69', '<sip:se01.contoso.lab:5061;transport=tls;lr>', 'v=0\r\n']);
      assert.equal(invite.getAll('Via').length, 2);

      answer(desk, invite, 180);
      const ringing = await next(alice);
      assert.equal(ringing.status, 180);
      answer(desk, invite, 200);
      const accepted = await next(alice);
      assert.deepEqual(accepted.getAll('Via').map((via) => via.split(';')[0]), ['SIP/2.0/TLS 10.0.0.20:49152']);
      assert.equal(accepted.get('P-Asserted-Identity'), '"Bob"<sip:bob@contoso.lab>,<tel:+15550101;ext=101>');
      assert.equal(accepted.get('Record-Route'), invite.get('Record-Route'));
      assert.deepEqual(bench.registrar.underWay, { pending: 0, branches: 0 });

      const dialog = [['To', accepted.get('To') ?? ''], ['Route', accepted.get('Record-Route') ?? '']] as const;
      send(alice, 'ACK', gruuOf('desk'), [...dialog, ['CSeq', `${sent.cseq.number} ACK`]]);
      const ack = await request(desk, 'ACK');
      assert.equal(ack.get('Route'), undefined);
      send(desk, 'BYE', gruuOf('alice'), [['From', invite.get('To') + ';tag=x;epid=' + epids.desk], ['To', invite.get('From') ?? '']]);
      answer(alice, await request(alice, 'BYE'), 200);
      await statuses(desk, 200);
      assert.deepEqual(bench.registrar.underWay, { pending: 0, branches: 0 });
    });

    it('is found by number and by extension, and whoever was dialled so may end it', async () => {
      for (const uri of ['tel:+15550101', 'sip:+1-555-0101@contoso.lab;user=phone', 'sip:101@contoso.lab;user=phone']) {
        send(alice, 'INVITE', uri);
        await statuses(alice, 100);
        answer(desk, await request(desk, 'INVITE'), 486);
        await request(desk, 'ACK');
        await statuses(alice, 486);
      }
      send(desk, 'BYE', gruuOf('alice'), [['From', `<sip:101@contoso.lab;user=phone>;tag=x;epid=${epids.desk}`], ['To', `<${aorOf('alice')}>;tag=y`]]);
      await request(alice, 'BYE');
      send(desk, 'BYE', gruuOf('alice'), [['From', `<sip:100@contoso.lab;user=phone>;tag=x;epid=${epids.desk}`], ['To', `<${aorOf('alice')}>;tag=y`]]);
      await statuses(desk, 403);
    });

    it('is cancelled by the caller: 200 to the CANCEL, 487 to the INVITE', async () => {
      const invite = send(alice, 'INVITE', aorOf('bob'));
      await statuses(alice, 100);
      const received = await request(desk, 'INVITE');
      send(alice, 'CANCEL', aorOf('bob'), [['CSeq', `${invite.cseq.number} CANCEL`]]);
      await statuses(alice, 200);
      // Only one that has been heard from may be told (RFC 3261 section 9.1).
      answer(desk, received, 180);
      const cancel = await request(desk, 'CANCEL');
      assert.deepEqual([cancel.get('Via'), cancel.cseq.number], [received.getAll('Via')[0], received.cseq.number]);
      answer(desk, cancel, 200);
      answer(desk, received, 487);
      await request(desk, 'ACK');
      await statuses(alice, 487);
      send(alice, 'CANCEL', aorOf('bob'), [['CSeq', `${invite.cseq.number} CANCEL`]]);
      await statuses(alice, 481);
    });

    it('ends with 480 when the callee\'s connection goes, and is cancelled when the caller\'s does', async () => {
      send(alice, 'INVITE', aorOf('bob'));
      await statuses(alice, 100);
      await request(desk, 'INVITE');
      desk.socket.destroy();
      await statuses(alice, 480);
      desk = await signedIn('desk');
      send(alice, 'INVITE', aorOf('bob'));
      const invite = await request(desk, 'INVITE');
      answer(desk, invite, 180);
      await statuses(alice, 100, 180);
      alice.socket.destroy();
      await request(desk, 'CANCEL');
    });

    it('ends with 480, too, when the callee comes back over a new connection and the old one goes', async () => {
      send(alice, 'INVITE', aorOf('bob'));
      await statuses(alice, 100);
      await request(desk, 'INVITE');
      const old = desk;
      desk = await signedIn('desk');
      assert.deepEqual(bench.registrar.underWay, { pending: 1, branches: 1 });
      old.socket.destroy();
      await statuses(alice, 480);
      assert.deepEqual(bench.registrar.underWay, { pending: 0, branches: 0 });
    });

    it('does not heed an answer that is unsigned, or of another client', async () => {
      send(alice, 'INVITE', aorOf('bob'));
      await statuses(alice, 100);
      const invite = await request(desk, 'INVITE');
      answer(desk, invite, 200, { signed: false });
      answer(alice, invite, 200);
      answer(desk, invite, 486);
      await statuses(alice, 486);
      assert.ok(bench.notes().includes('The answer to a INVITE was passed over: its signature is unsigned.'));
    });

    it('is bounded: a flood of INVITEs ends in 503, and takes nothing from others', async () => {
      for (let count = 0; count < 40; count++) send(alice, 'INVITE', aorOf('bob'), [['Call-ID', `flood${count}`]]);
      const answers: (number | undefined)[] = [];
      while (answers.length < 40) answers.push((await next(alice)).status);
      assert.deepEqual([answers.filter((status) => status === 100).length, answers.filter((status) => status === 503).length], [32, 8]);
      assert.deepEqual(bench.registrar.underWay, { pending: 32, branches: 32 });
      send(desk, 'INVITE', aorOf('alice'));
      for (;;) {
        const message = await next(desk);
        if (message.status === 100) break;
      }
      assert.deepEqual(bench.registrar.underWay, { pending: 33, branches: 33 });
    });

    it('is refused where there is nobody: 404, 480, 481, 483, and 403 for somebody else\'s identity', async () => {
      const expected: [string, string, number, (readonly [string, string])[]?][] = [
        ['INVITE', aorOf('carol'), 404], ['INVITE', 'sip:555@contoso.lab;user=phone', 404], ['INVITE', 'sip:bob@elsewhere.lab', 404], ['INVITE', 'garbage', 404],
        ['INVITE', aorOf('alice'), 480], ['INVITE', gruuOf('lobby'), 480],
        ['BYE', gruuOf('lobby'), 481], ['BYE', aorOf('bob'), 481, [['To', `<${aorOf('bob')}>;tag=1`]]], ['INFO', 'sip:10.0.0.20:49152;transport=tls', 481, [['To', `<${aorOf('bob')}>;tag=1`]]],
        ['INVITE', aorOf('bob'), 483, [['Max-Forwards', '0']]], ['INVITE', aorOf('bob'), 403, [['P-Preferred-Identity', `<${aorOf('bob')}>`]]],
      ];
      for (const [method, uri, status, headers] of expected) {
        send(alice, method, uri, headers);
        assert.equal((await next(alice)).status, status, `${method} ${uri}`);
      }
      const unsigned = new SipMessage({ kind: 'request', method: 'INVITE', uri: aorOf('bob') }, alice.request('INVITE').headers);
      assert.equal((await alice.ask(unsigned)).status, 401);
      assert.deepEqual(bench.registrar.underWay, { pending: 0, branches: 0 });
    });
  });

  describe('a user with several endpoints', () => {
    let lobby: RawClient;
    beforeEach(async () => { [alice, desk, lobby] = [await signedIn('alice'), await signedIn('desk'), await signedIn('lobby')]; });

    async function ring(): Promise<[SipMessage, SipMessage]> {
      send(alice, 'INVITE', aorOf('bob'));
      await statuses(alice, 100);
      const both: [SipMessage, SipMessage] = [await request(desk, 'INVITE'), await request(lobby, 'INVITE')];
      answer(desk, both[0], 180);
      await statuses(alice, 180);
      answer(lobby, both[1], 180);
      await statuses(alice, 180);
      return both;
    }

    it('is called at all of them, and the others stop ringing when one answers', async () => {
      const [atDesk, atLobby] = await ring();
      answer(lobby, atLobby, 200);
      await statuses(alice, 200);
      answer(desk, await request(desk, 'CANCEL'), 200);
      // It was answered in the same moment: that call goes back too, for the caller to end.
      answer(desk, atDesk, 200);
      await statuses(alice, 200);
      assert.deepEqual(bench.registrar.underWay, { pending: 0, branches: 0 });
    });

    it('tells the best refusal once all have refused; one for all ends the rest', async () => {
      const [atDesk, atLobby] = await ring();
      answer(lobby, atLobby, 480);
      answer(desk, atDesk, 486);
      await statuses(alice, 486);
      await request(desk, 'ACK');
      await request(lobby, 'ACK');
      const [again, there] = await ring();
      answer(desk, again, 603);
      await request(desk, 'ACK');
      answer(lobby, await request(lobby, 'CANCEL'), 200);
      answer(lobby, there, 487);
      await statuses(alice, 603);
    });
  });

  it('gives up an INVITE after three minutes, and whoever does not even answer the CANCEL', async () => {
    await bench.close();
    await start(new SimulatedClock());
    bench.deployment.policy.keepAliveSeconds = 3600;
    [alice, desk] = [await signedIn('alice'), await signedIn('desk')];
    send(alice, 'INVITE', aorOf('bob'));
    await statuses(alice, 100);
    answer(desk, await request(desk, 'INVITE'), 180);
    await statuses(alice, 180);
    clock?.increment(180_000);
    await request(desk, 'CANCEL');
    clock?.increment(32_000);
    await statuses(alice, 408);
    send(alice, 'MESSAGE', gruuOf('desk'));
    await request(desk, 'MESSAGE');
    clock?.increment(32_000);
    await statuses(alice, 408);
    assert.deepEqual(bench.registrar.underWay, { pending: 0, branches: 0 });
  });

  it('one endpoint more than a user may have ends the oldest registration, with 4140', async () => {
    (bench.deployment.policy as { MaxEndpointsPerUser: number }).MaxEndpointsPerUser = 1;
    desk = await signedIn('desk');
    alice = await signedIn('alice');
    const lobby = await signedIn('lobby');
    const notify = await request(desk, 'NOTIFY');
    assert.deepEqual([notify.body.toString(), notify.get('ms-diagnostics-public')], ['deregistered;event=unregistered', '4140;reason="The endpoint was removed"']);
    send(alice, 'INVITE', aorOf('bob'));
    await statuses(alice, 100);
    await request(lobby, 'INVITE');
    assert.equal(desk.received.length, 0);
  });
});
