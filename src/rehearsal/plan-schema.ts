import { z } from 'zod';
import { stages } from '../phone/steps.js';
import { outcomes } from './verdict.js';

const signInMethods = ['pin', 'tethered', 'typed'] as const;
const startingStates = ['fresh', 'reset', 'factory-reset', 'signed-in'] as const;

/** One row of the matrix: a device, its build, how its user signs in, and what it remembers at the start. */
export const planPhoneSchema = z.strictObject({
  model: z.string().default('CX600').describe('CX500, CX600, CX3000, HP 4110, HP 4120, 6721ip, 6725ip, CX700 or IP8540; PC for the Windows client'),
  firmware: z.string(),
  signIn: z.enum(signInMethods),
  state: z.enum(startingStates).default('fresh').describe('what the phone remembers at the start: nothing, an earlier sign-in here, or what a reset by hand left of one; a factory reset also brings the build of the factory back'),
  clock: z.literal('lost').optional().describe('the clock did not survive until power-on: it starts where the profile says; default: it is right'),
});
export type PlanPhone = z.output<typeof planPhoneSchema>;

/** What a cell should come to. Fields left out of `phone` and a missing `target` match everything; the last match counts. */
export const expectationSchema = z.strictObject({
  phone: z.strictObject({
    model: z.string().optional(),
    firmware: z.string().optional(),
    signIn: z.enum(signInMethods).optional(),
    state: z.enum(startingStates).optional(),
    clock: z.literal('lost').optional(),
  }).default({}),
  target: z.string().optional(),
  outcome: z.enum(outcomes),
  stage: z.enum(stages).optional(),
  rule: z.string().optional().describe('the cause, for instance certificate-refused'),
});
export type Expectation = z.output<typeof expectationSchema>;

const targetSchema = z.strictObject({
  lab: z.string().describe('topology file, relative to the plan'),
  replacedCertificates: z.record(z.string(), z.record(z.string(), z.unknown())).default({})
    .describe("the topology's certificates that are replaced while phones are signed in: by name, what is different from then on"),
});

/** A rehearsal, as a YAML file declares it: every phone at every target. */
export const planSchema = z.strictObject({
  schema: z.literal(1),
  name: z.string(),
  description: z.string().default(''),
  targets: z.record(z.string(), targetSchema)
    .refine((targets) => Object.keys(targets).length > 0, 'at least one target'),
  phones: z.array(planPhoneSchema).min(1),
  account: z.string().optional().describe("SIP URI of the account that signs in; default: the topology's first user"),
  expect: z.array(expectationSchema).default([]).describe('the last entry that matches a cell counts; without one it is expected to be signed in'),
});
export type Plan = z.output<typeof planSchema>;
