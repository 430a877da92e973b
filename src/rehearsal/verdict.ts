import { z } from 'zod';
import { confidences } from '../firmware/sourced.js';
import { stages } from '../phone/steps.js';

/** What the sign-in came to. `degraded`: signed in, but Exchange or the update service is out of reach. */
export const outcomes = ['signed-in', 'degraded', 'failed'] as const;

/** The verdict on one phone at one target, in the shape that `--json` writes. */
export const verdictSchema = z.strictObject({
  outcome: z.enum(outcomes),
  /** Where it stopped; `signedIn` when it did not. */
  stage: z.enum(stages),
  /** What the device does from here on. */
  behaviour: z.enum(['signed-in', 'retrying', 'waiting-for-user', 'reboot-loop']),
  /** What the display shows, line by line. */
  screen: z.array(z.string()),
  /** What the phone obtained on the way. */
  obtained: z.strictObject({ rootChain: z.boolean(), clientCertificate: z.boolean() }),
  cause: z.strictObject({ rule: z.string(), sentence: z.string(), facts: z.record(z.string(), z.unknown()) }).optional(),
  remedy: z.strictObject({ sentence: z.string(), commands: z.array(z.string()) }).optional(),
  /** The weakest among the profile values that decided it. */
  confidence: z.enum(confidences),
  disputed: z.boolean(),
  /** Ids of `firmware-profiles/evidence/sources.yaml`. */
  evidence: z.array(z.string()),
  /** What the Windows client of the same plan makes of the same target. */
  windowsWould: z.enum(['signed-in', 'failed']).optional(),
});
export type Verdict = z.output<typeof verdictSchema>;
