import { assess } from '../rehearsal/assess.js';
import { renderHtml } from '../rehearsal/html/page.js';
import { summarise, type Recording } from '../rehearsal/report.js';
import type { Session } from './session.js';

/** The run so far as the HTML page of a rehearsal: what each phone on the desk came to and how, with nothing else needed to read it. */
export function savedRun(session: Session): string {
  const { topology } = session.lab;
  const recordings = session.phones.map((phone): Recording => {
    const verdict = assess(phone.snapshot, phone.events, phone.profile);
    return {
      run: {
        phone: { model: phone.model, firmware: phone.build, signIn: phone.method ?? 'pin', state: 'fresh' },
        account: (phone.memory.clientCertificate ?? phone.memory.credentials)?.sipUri ?? 'nobody', target: topology.name,
        // Nothing was expected of it.
        verdict, expected: { outcome: verdict.outcome === 'stopped' ? 'signed-in' : verdict.outcome }, matches: true,
      },
      events: phone.events,
    };
  });
  const report = summarise({ name: `Demo of ${topology.name}`, description: topology.description }, recordings.map(({ run }) => run), { duration: Date.now() - session.started });
  return renderHtml({ report, recordings });
}
