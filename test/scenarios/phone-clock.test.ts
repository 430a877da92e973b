import assert from 'node:assert/strict';
import { deployment } from './deployment.js';
import { bothRoutes, labOf, signInAt, topology } from './sign-in.js';

const pool = 'pool01.contoso.example';
const untimed = deployment({ sipDomain: 'contoso.example', pool, srvTarget: 'sip.contoso.example', registrarNames: [pool, 'sip.contoso.example'] });
const record = { name: '_ntp._udp.contoso.example', type: 'SRV', target: 'dc.contoso.example', port: 123 };
/** The deployment with a time server on its domain controller. */
const timed = (ntp: object) => topology({
  ...untimed, servers: untimed.servers.map((server) => server.dns === undefined ? server : { ...server, ntp }), dns: [...untimed.dns, record],
});
const firmware = '4.0.7577.4100';

describe('A phone whose clock was lost', () => {
  describe('and that finds no time server', () => {
    const lab = labOf(untimed);
    for (const signIn of bothRoutes) {
      it(`is told by the verdict that the clock is to blame (${signIn})`, async () => {
        const verdict = await signInAt(lab(), { firmware, signIn, clock: 'lost' });
        assert.deepEqual([verdict.outcome, verdict.behaviour, verdict.stage, verdict.cause?.rule], ['failed', 'retrying', 'webTicket', 'clock-wrong']);
        assert.match(verdict.cause?.sentence ?? '', new RegExp(
          `^The phone refused the certificate of ${pool}:443 because its own clock is wrong: it says 2006-01-01T12:0\\S+, and nothing has set it since the power came `
          + '\\(SRV _ntp\\._udp\\.contoso\\.example: no such name; A time\\.windows\\.com: no such name\\)\\. At the right time, 2\\S+, the certificate passes\\.$'));
        assert.deepEqual(verdict.screen, ['There was a problem verifying the certificate from the server']);
        assert.match(verdict.remedy?.sentence ?? '', /publish SRV _ntp\._udp/);
        assert.equal(verdict.confidence, 'assumed');
        assert.deepEqual((verdict.cause?.facts['failedChecks'] as { rule: string }[]).map(({ rule }) => rule), ['validity']);
      });
    }

    it('signs in when its clock had been kept, and so does a PC, whose clock does not get lost', async () => {
      assert.equal((await signInAt(lab(), { firmware, signIn: 'pin' })).outcome, 'signed-in');
      assert.equal((await signInAt(lab(), { firmware: 'windows-lync-2010', signIn: 'typed', clock: 'lost' })).outcome, 'signed-in');
    });
  });

  describe('and that finds one', () => {
    const lab = labOf(timed({}));
    for (const signIn of bothRoutes) {
      it(`signs in (${signIn})`, async () => {
        assert.equal((await signInAt(lab(), { firmware, signIn, clock: 'lost' })).outcome, 'signed-in');
      });
    }
  });
});

describe('A phone whose time server is wrong', () => {
  const lab = labOf(timed({ skewSeconds: 5 * 365 * 24 * 3600 }));

  it('refuses certificates, and the verdict names the server', async () => {
    const verdict = await signInAt(lab(), { firmware, signIn: 'pin' });
    assert.deepEqual([verdict.outcome, verdict.stage, verdict.cause?.rule], ['failed', 'webTicket', 'clock-wrong']);
    assert.match(verdict.cause?.sentence ?? '', /its own clock is wrong: it says \S+, and dc\.contoso\.example set it so\./);
    assert.deepEqual(verdict.remedy?.commands, ['w32tm /stripchart /computer:dc.contoso.example /samples:3 /dataonly', 'w32tm /resync   (on dc.contoso.example)']);
    assert.equal(verdict.confidence, 'documented');
  });
});

describe('A certificate that is out of date', () => {
  const past = { notBefore: '2012-01-01T00:00:00Z', notAfter: '2014-01-01T00:00:00Z' };
  const { registrar, web } = untimed.certificates;
  const lab = labOf(topology({ ...timed({}), certificates: { registrar, web: { ...web, ...past } } }));

  it('is not blamed on the clock', async () => {
    const verdict = await signInAt(lab(), { firmware, signIn: 'pin' });
    assert.deepEqual([verdict.stage, verdict.cause?.rule], ['webTicket', 'certificate-refused']);
  });

  it('is not blamed on the clock alone when that is wrong, too', async () => {
    const verdict = await signInAt(lab(), { firmware, signIn: 'pin', clock: 'lost' });
    assert.equal(verdict.cause?.rule, 'certificate-refused');
  });
});
