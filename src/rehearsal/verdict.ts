import { z } from 'zod';
import { services } from '../firmware/schema.js';
import { confidences } from '../firmware/sourced.js';
import { stages } from '../phone/steps.js';

const updateSchema = z.strictObject({
  leg: z.enum(['before-sign-in', 'in-band']), url: z.string().optional(),
  open: z.boolean().describe('whether the phone can get an update this way'),
  sentence: z.string(), rule: z.string().optional().describe('a stable id of what shut it'),
});

const toldSchema = z.strictObject({ id: z.string().describe('of a diagnosis rule'), sentence: z.string() });

/** What a sign-in can be expected to come to. `degraded`: signed in, but Exchange or the update service is out of reach. */
export const expectedOutcomes = ['signed-in', 'degraded', 'failed'] as const;

/** What the sign-in came to. `stopped`: all went well as far as it was let go. */
export const outcomes = [...expectedOutcomes, 'stopped'] as const;

const exchangeOutcomes = ['connected', 'unavailable', 'by-design', 'none'] as const;

/** The verdict on one phone at one target, in the shape that `--json` writes. */
export const verdictSchema = z.strictObject({
  outcome: z.enum(outcomes),
  stage: z.enum(stages).describe('where it stopped; signedIn when it did not'),
  behaviour: z.enum(['signed-in', 'retrying', 'waiting-for-user', 'reboot-loop', 'stopped']).describe('what the device does from here on; stopped: a dry run ended it'),
  firmware: z.string().describe('the build it ended with: the one it began with, unless it was updated on the way'),
  updates: z.array(updateSchema).describe('the ways to the update service that it tried, and what came of each'),
  screen: z.array(z.string()).describe('what the display shows, line by line'),
  obtained: z.strictObject({
    rootChain: z.boolean(), clientCertificate: z.boolean(), lockPolicy: z.boolean().describe('of the phone lock, by in-band provisioning'),
    contacts: z.boolean(), presence: z.boolean().describe('published'), mediaRelay: z.boolean().describe('credentials for it'), locationProfile: z.boolean(),
  }).describe('what the phone got on the way, and in the background once it was signed in'),
  servers: z.array(z.strictObject({ host: z.string(), service: z.enum(services), accepted: z.boolean() }))
    .describe('the names it connected to over TLS, each once, and whether it took the certificate'),
  exchange: z.enum(exchangeOutcomes).optional().describe('what a phone that is signed in has of Exchange; by-design: a PIN sign-in never gets there; none: the domain has none'),
  cause: z.strictObject({
    id: z.string().describe('of the diagnosis rule that explains it: LPE001; lpe explain tells more'),
    rule: z.string().describe('a stable id of what ended the sign-in'), sentence: z.string(), facts: z.record(z.string(), z.unknown()).describe('names, ports and the like behind the sentence'),
  }).optional(),
  remedy: z.strictObject({ sentence: z.string(), commands: z.array(z.string()).describe('of the Lync Management Shell, unless they say otherwise') }).optional(),
  follows: z.array(toldSchema).describe('what else went wrong, and merely follows from the cause'),
  alternatives: z.array(toldSchema.extend({ experiment: z.string().describe('what tells it from the cause') })).describe('rules that fit what was seen as well as that of the cause'),
  notices: z.array(toldSchema).describe('what an administrator should know beside it, of a phone that signs in too'),
  confidence: z.enum(confidences).describe('the weakest among the profile values that decided it'),
  disputed: z.boolean().describe('whether sources disagree'),
  evidence: z.array(z.string()).describe('ids of firmware-profiles/evidence/sources.yaml'),
  windowsWould: z.enum(['signed-in', 'failed']).optional().describe('what the Windows client of the same plan makes of the same target'),
});
/** What became of one sign-in, why, and what mends it. */
export type Verdict = z.output<typeof verdictSchema>;
