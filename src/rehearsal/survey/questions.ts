import { z } from 'zod';
import type { TraceEvent } from '../../trace/event.js';

/** One question that a phone puts to the network, and what came back. */
export const questionSchema = z.strictObject({
  by: z.enum(['dhcp', 'dns', 'ntp']), asked: z.string().describe('whom: address and port'), question: z.string(), answer: z.string(),
});
export type Question = z.output<typeof questionSchema>;

/** The questions of a phone's trace in their order, each once. Records of a message received that nobody asked for are passed over. */
export function questionsIn(events: readonly TraceEvent[]): Question[] {
  const questions: Question[] = [];
  events.forEach((event, at) => {
    if ((event.layer !== 'dhcp' && event.layer !== 'dns' && event.layer !== 'ntp') || event.direction !== 'sent') return;
    const { layer: by, peer: asked, summary: question } = event;
    if (questions.some((each) => each.question === question && each.asked === asked)) return;
    const lead = by === 'dns' ? `${question} -> ` : '';
    const answer = events.slice(at).find((later) => later.layer === by && later.direction === 'received' && later.summary.startsWith(lead));
    questions.push({ by, asked, question, answer: answer !== undefined && 'summary' in answer ? answer.summary.slice(lead.length) : 'no answer' });
  });
  return questions;
}
