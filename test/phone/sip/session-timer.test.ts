import assert from 'node:assert/strict';
import { agreedTimer, leastWanted, SessionTimer, timerAnswer, timerRefresh, timerRequest, type SessionTimerAgreement } from '../../../src/phone/sip/session-timer.js';
import { SipMessage } from '../../../src/protocol/sip/message.js';
import { SimulatedClock } from '../../simulated-clock.js';

const message = (status: number | undefined, ...lines: string[]) => new SipMessage(
  status === undefined ? { kind: 'request', method: 'INVITE', uri: 'sip:bob@biloxi.example.com' } : { kind: 'response', status, reason: 'x' },
  lines.map((line) => ({ name: line.slice(0, line.indexOf(':')), value: line.slice(line.indexOf(':') + 1).trim() })),
);

describe('session timers (RFC 4028)', () => {
  it('are asked for by the caller, after a 422 with what that wants at least (section 7.3)', () => {
    assert.deepEqual(timerRequest(1800), ['Supported: timer', 'Session-Expires: 1800']);
    const refused = message(422, 'Min-SE: 3600');
    assert.equal(leastWanted(refused), 3600);
    assert.deepEqual(timerRequest(3600), ['Supported: timer', 'Session-Expires: 3600', 'Min-SE: 3600']);
    assert.deepEqual(timerRefresh({ interval: 3600, refreshesHere: true }), ['Supported: timer', 'Session-Expires: 3600;refresher=uac']);
    assert.deepEqual(timerRefresh({ interval: 3600, refreshesHere: true, least: 3000 }), ['Supported: timer', 'Session-Expires: 3600;refresher=uac', 'Min-SE: 3000']);
    for (const other of [message(486, 'Min-SE: 3600'), message(422), message(422, 'Min-SE: -1'), message(422, 'Min-SE: 4000000000')]) assert.equal(leastWanted(other), undefined);
  });

  it('are what the 2xx says; without it there is none (section 7.2)', () => {
    assert.deepEqual(agreedTimer(message(200, 'Session-Expires: 4000;refresher=uac', 'Require: timer'), undefined), { interval: 4000, refreshesHere: true });
    assert.deepEqual(agreedTimer(message(200, 'Session-Expires: 4000 ; refresher=UAS'), 3600), { interval: 4000, refreshesHere: false, least: 3600 });
    assert.equal(agreedTimer(message(200), 3600), undefined);
    assert.equal(agreedTimer(message(200, 'Session-Expires: soon'), undefined), undefined);
    assert.deepEqual([1, 9_999_999_999].map((interval) => agreedTimer(message(200, `Session-Expires: ${interval}`), undefined)?.interval), [90, 86_400]);
  });

  // Table 2 of section 9: whom the answer names as refresher. It requires the extension of a caller who knows it: must where that refreshes, should where not.
  const table: readonly [supports: boolean, asked: string, answered: string | undefined, refreshesHere: boolean][] = [
    [false, '', ';refresher=uas', true], [true, '', ';refresher=uac', false], [true, ';refresher=uac', ';refresher=uac', false], [true, ';refresher=uas', ';refresher=uas', true],
  ];
  for (const [supports, asked, answered, refreshesHere] of table) {
    it(`are answered to a caller who ${supports ? 'knows' : 'does not know'} them and says refresher "${asked.slice(11)}"`, () => {
      const answer = timerAnswer(message(undefined, `Session-Expires: 600${asked}`, ...(supports ? ['Supported: replaces, timer'] : [])));
      assert.ok('headers' in answer);
      assert.deepEqual(answer.headers, [`Session-Expires: 600${answered}`, ...(supports ? ['Require: timer'] : []), 'Supported: timer']);
      assert.deepEqual(answer.agreement, { interval: 600, refreshesHere });
    });
  }

  it('are refused where they are too short, by somebody who understands that, and not there where nobody asks', () => {
    assert.deepEqual(timerAnswer(message(undefined, 'Session-Expires: 89', 'Supported: timer')), { tooShort: ['Min-SE: 90'] });
    assert.deepEqual(timerAnswer(message(undefined, 'Session-Expires: 20')), { agreement: { interval: 90, refreshesHere: true }, headers: ['Session-Expires: 90;refresher=uas', 'Supported: timer'] });
    assert.deepEqual(timerAnswer(message(undefined, 'Supported: timer')), { headers: ['Supported: timer'] });
  });

  it('keep to the least that the caller or somebody on the way wants (section 7.4)', () => {
    const answer = timerAnswer(message(undefined, 'Supported: timer', 'Session-Expires: 4000;refresher=uas', 'Min-SE: 3600'));
    assert.ok('headers' in answer);
    assert.deepEqual(answer.agreement, { interval: 4000, refreshesHere: true, least: 3600 });
  });

  it('refresh at half time and end a third, or 32 seconds, before the time is over (section 10)', () => {
    const run = (agreement: SessionTimerAgreement) => {
      const clock = new SimulatedClock();
      const timer = new SessionTimer(clock);
      const fired: (string | number)[] = [];
      timer.start(agreement, { refresh: () => { fired.push('refresh', clock.now() / 1000); }, expire: () => { fired.push('expire', clock.now() / 1000); } });
      clock.increment(100_000_000);
      return fired;
    };
    assert.deepEqual(run({ interval: 1800, refreshesHere: true }), ['refresh', 900, 'expire', 1768]);
    assert.deepEqual(run({ interval: 90, refreshesHere: false }), ['expire', 60]);
  });
});
