import { z } from 'zod';
import { endpointForm, endpointPattern, parseEndpoint } from '../network/endpoint.js';
import { stages } from '../phone/steps.js';
import { connectToForm, connectToPattern, parseConnectTo } from './connect-to.js';
import { secretReferenceSchema } from './secret-reference.js';
import { expectedOutcomes } from './verdict.js';

const signInMethods = ['pin', 'tethered', 'typed'] as const;
const startingStates = ['fresh', 'reset', 'factory-reset', 'signed-in'] as const;

/** One row of the matrix: a device, its build, how its user signs in, and what it remembers at the start. */
export const planPhoneSchema = z.strictObject({
  model: z.string().default('CX600').describe('CX500, CX600, CX3000, HP 4110, HP 4120, 6721ip, 6725ip, CX700 or IP8540; PC for the Windows client'),
  firmware: z.string(),
  signIn: z.enum(signInMethods),
  state: z.enum(startingStates).default('fresh').describe('what the phone remembers at the start: nothing, an earlier sign-in here, or what a reset by hand left of one; a factory reset also brings the build of the factory back'),
  memory: z.string().optional().describe('file of `lpe sign-in --memory`, relative to the plan: what the phone remembers, instead of a sign-in that comes first'),
  clock: z.literal('lost').optional().describe('the clock did not survive until power-on: it starts where the profile says; default: it is right'),
  location: z.literal('outside').optional().describe("outside the office, as the target's topology says under outside; what it remembers it learnt inside; default: inside"),
}).refine(({ state, memory }) => memory === undefined || state !== 'fresh', { path: ['memory'], message: 'a fresh phone remembers nothing: give it another state' });
export type PlanPhone = z.output<typeof planPhoneSchema>;

/** What a cell should come to. Fields left out of `phone`, a missing `account` and a missing `target` match everything; the last match counts. */
export const expectationSchema = z.strictObject({
  phone: z.strictObject({
    model: z.string().optional(),
    firmware: z.string().optional(),
    signIn: z.enum(signInMethods).optional(),
    state: z.enum(startingStates).optional(),
    clock: z.literal('lost').optional(),
    location: z.literal('outside').optional(),
  }).default({}),
  account: z.string().optional(),
  target: z.string().optional(),
  outcome: z.enum(expectedOutcomes),
  stage: z.enum(stages).optional(),
  rule: z.string().optional().describe('the cause, for instance certificate-refused, or the diagnosis rule, for instance LPE001'),
  screen: z.string().optional().describe('a text that the display shows, on one line or over several'),
});
export type Expectation = z.output<typeof expectationSchema>;

/** A text that is read into what it means; `pattern` is what an editor can tell of it while it is written. */
const written = <T>(form: string, pattern: string, read: (text: string) => T | undefined) => z.string().meta({ pattern }).transform((text, context) => {
  const value = read(text);
  if (value === undefined) context.addIssue(`"${text}" is not ${form}`);
  return value ?? z.NEVER;
});
const hostName = z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, 'expected a host name');

const liveTargetSchema = z.strictObject({
  sipDomains: z.array(hostName).min(1).describe('accounts of these domains sign in here'),
  dnsServer: written(endpointForm(53), endpointPattern.source, (text) => parseEndpoint(text, 53)).optional().describe("name server of the phones' network; default: this host's"),
  domainName: hostName.optional().describe("domain of the phones' lease (DHCP option 15)"),
  dhcpServer: written(`broadcast or ${endpointForm(67)}`, `^broadcast$|${endpointPattern.source}`, (text) => (text === 'broadcast' ? text : parseEndpoint(text, 67)))
    .optional().describe('asked for options 43 and 120, which takes the right to use UDP port 68; default: nobody is asked'),
  dhcpOptions: z.strictObject({
    webServer: hostName.optional().describe('option 43: FQDN of the web services'), registrar: hostName.optional().describe('option 120'),
  }).optional().describe("the phones' options, where no DHCP server is asked"),
  interface: z.string().optional().describe('network interface of this host, by name or address'),
  connectTo: z.array(written(connectToForm, connectToPattern.source, parseConnectTo)).default([])
    .describe('as in curl: connections to HOST:PORT go to ADDRESS:PORT; an empty port stands for any and for the same'),
  directoryRoots: z.array(z.string()).default([]).describe('PEM files, relative to the plan: taken as what the directory publishes, which is not asked then'),
  publicRoots: z.array(z.string()).default([]).describe("PEM files, relative to the plan: added to the builds' public stores"),
}).refine(({ dhcpServer, dhcpOptions }) => dhcpServer === undefined || dhcpOptions === undefined, 'expected either dhcpServer or dhcpOptions');
export type LiveTarget = z.output<typeof liveTargetSchema>;

const targetSchema = z.strictObject({
  lab: z.string().optional().describe('topology file, relative to the plan'),
  replacedCertificates: z.record(z.string(), z.record(z.string(), z.unknown())).default({})
    .describe("the topology's certificates that are replaced while phones are signed in: by name, what is different from then on"),
  live: liveTargetSchema.optional().describe('real servers, reached over the network of this host'),
}).refine(({ lab, live }) => (lab === undefined) !== (live === undefined), 'expected either lab or live');

const accountSchema = z.strictObject({
  sipUri: z.string().regex(/^sip:[^@\s]+@[^@\s]+$/i, 'expected sip:user@domain'),
  number: z.string().regex(/^\+?\(?\d[\d ().-]*$/, 'expected a number').optional().describe('phone number or extension that is typed with the PIN'),
  logon: z.string().regex(/^[^\\]+\\[^\\]+$/, 'expected DOMAIN\\user').optional().describe('AD account'),
  pin: secretReferenceSchema.optional(),
  password: secretReferenceSchema.optional(),
});
export type PlanAccount = z.output<typeof accountSchema>;

/** A rehearsal, as a YAML file declares it: every phone with every account at every target that has it. */
export const planSchema = z.strictObject({
  schema: z.literal(1),
  name: z.string(),
  description: z.string().default(''),
  targets: z.record(z.string(), targetSchema)
    .refine((targets) => Object.keys(targets).length > 0, 'expected at least one target'),
  phones: z.array(planPhoneSchema).min(1, 'expected at least one phone'),
  accounts: z.record(z.string(), accountSchema).default({})
    .describe("who signs in, by a name of your choice; what is left out is the lab user's own; default: the first user of each lab"),
  expect: z.array(expectationSchema).default([]).describe('the last entry that matches a cell counts; without one it is expected to be signed in'),
  limits: z.strictObject({
    concurrency: z.int().min(1).max(64).default(4).describe('sign-ins under way at a time'),
    deadlineSeconds: z.int().min(1).max(3600).default(180).describe('time that each sign-in has'),
    wrongCredentialAttempts: z.int().min(1).max(10).default(1).describe('refused PINs or passwords of an account at a live target before no more is tried there: each counts towards a lock'),
  }).prefault({}),
});
/** A plan with all its defaults, as `loadPlan` reads it (`examples/schemas/plan.schema.json`). */
export type Plan = z.output<typeof planSchema>;
/** A plan as people write it, with what may be left out left out. */
export type PlanInput = z.input<typeof planSchema>;
