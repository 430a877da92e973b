import type { Verdict } from '../../../src/rehearsal/verdict.js';

/** The rule named first: that of the cause, else of what there is to know. */
export const firstNamed = ({ cause, notices }: Verdict): string => cause?.id ?? notices[0]?.id ?? 'nothing';
