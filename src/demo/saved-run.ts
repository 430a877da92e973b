import { assess } from '../rehearsal/assess.js';
import { renderHtml } from '../rehearsal/html/page.js';
import { summarise, type Recording } from '../rehearsal/report.js';
import type { DeskPhone } from './desk-phone.js';
import type { Session } from './session.js';

/** The run so far as the HTML page of a rehearsal: what each phone on the desk came to each time it had power, and how. Nothing else is needed to read it. */
export function savedRun(session: Session): string {
  const { topology } = session.lab;
  const recordings = session.phones.flatMap((phone) => recordingsOf(phone, topology.name));
  const report = summarise({ name: `Demo of ${topology.name}`, description: topology.description }, recordings.map(({ run }) => run), { duration: Date.now() - session.started });
  return renderHtml({ report, recordings });
}

function recordingsOf({ model, runs }: DeskPhone, lab: string): Recording[] {
  return runs.map(({ began, build, method, account, snapshot, profile, events }, at) => {
    const verdict = assess(snapshot, events, profile, { buildAtStart: build });
    return {
      run: {
        phone: { model, firmware: build, signIn: method, state: began }, account: account ?? 'nobody', target: runs.length === 1 ? lab : `${lab}, time ${at + 1}`,
        // Nothing was expected of it.
        verdict, expected: { outcome: verdict.outcome === 'stopped' ? 'signed-in' : verdict.outcome }, matches: true,
      },
      events,
    };
  });
}
