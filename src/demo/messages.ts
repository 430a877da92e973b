import { z } from 'zod';
import type { TraceEvent } from '../trace/event.js';

/** Of the messages between the page and its server; either end refuses another. */
export const protocolVersion = 1;

/** Keys of the drawn phone, as the page names them. `soft1` to `soft3` are those below the display, from the left. */
const phoneKeys = [
  '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'soft1', 'soft2', 'soft3', 'delete', 'ok', 'up', 'down', 'home', 'call', 'end', 'speaker',
] as const;
export type PhoneKey = (typeof phoneKeys)[number];

const phoneId = z.string().regex(/^[a-z0-9-]{1,20}$/);
const shortText = z.string().max(300);
const change = z.record(z.string().max(100), z.unknown());
/** The page's own number for what it asks; `done` or `error` come back with it. */
const request = { request: z.int().nonnegative().optional() };

/** AD credentials as the PC's dialog or the phone itself takes them; number and PIN are keyed in, or come here from a lesson. */
const credentialsSchema = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('pin'), phoneOrExtension: shortText, pin: shortText }),
  z.strictObject({ method: z.enum(['tethered', 'typed']), sipUri: shortText, domain: shortText, user: shortText, password: shortText }),
]);

/** What can be switched at the lab: the same as its control API, with the topology's own JSON. */
const labActionSchema = z.discriminatedUnion('action', [
  z.strictObject({ type: z.literal('lab'), action: z.literal('certificate'), name: shortText, change, ...request }),
  z.strictObject({ type: z.literal('lab'), action: z.literal('dns'), records: z.array(z.unknown()).max(1000), ...request }),
  z.strictObject({ type: z.literal('lab'), action: z.enum(['dhcp', 'policy', 'updates', 'faults']), change, ...request }),
  z.strictObject({ type: z.literal('lab'), action: z.literal('user'), sipUri: shortText, change, ...request }),
  z.strictObject({ type: z.literal('lab'), action: z.literal('revoke-certificates'), sipUri: shortText, ...request }),
  z.strictObject({ type: z.literal('lab'), action: z.literal('server'), fqdn: shortText, change, ...request }),
]);
export type LabAction = z.output<typeof labActionSchema>;

const plainMessageSchema = z.discriminatedUnion('type', [
  /** Every event after that one, from now on; the first thing a page says. `session`: of the events it has, if it has any. */
  z.strictObject({ type: z.literal('resume'), version: z.literal(protocolVersion), session: z.string().max(100), after: z.int().nonnegative() }),
  /** `down` and `up` where a key is held, as for a reset while the power comes. */
  z.strictObject({ type: z.literal('key'), phone: phoneId, key: z.enum(phoneKeys), how: z.enum(['press', 'down', 'up']).default('press'), ...request }),
  z.strictObject({ type: z.literal('signIn'), phone: phoneId, credentials: credentialsSchema, ...request }),
  z.strictObject({ type: z.literal('signOut'), phone: phoneId, ...request }),
  /** Acknowledges the message on the display: try again. */
  z.strictObject({ type: z.literal('retry'), phone: phoneId, ...request }),
  z.strictObject({ type: z.literal('plug'), phone: phoneId, usb: z.boolean(), ...request }),
  /** hard: `*` and `#` held while the power comes; factory: `4` and `6`. */
  z.strictObject({ type: z.literal('reset'), phone: phoneId, kind: z.enum(['hard', 'factory']), ...request }),
  z.strictObject({ type: z.literal('power'), phone: phoneId, on: z.boolean(), ...request }),
  z.strictObject({ type: z.literal('addPhone'), model: shortText, build: shortText, ...request }),
  z.strictObject({ type: z.literal('removePhone'), phone: phoneId, ...request }),
  z.strictObject({ type: z.literal('pace'), mode: z.enum(['real', 'slow', 'step']), ...request }),
  /** Lets every phone that is held go on to the next state. */
  z.strictObject({ type: z.literal('step'), ...request }),
  /** `start` sets the lab and the phones of the lesson up: a new session. `answer`: the index of the choice. */
  z.strictObject({ type: z.literal('lesson'), id: shortText, action: z.enum(['start', 'next', 'stop']), ...request }),
  z.strictObject({ type: z.literal('answer'), id: shortText, choice: z.int().nonnegative(), ...request }),
  /** Asks for the run so far as an HTML report; `report` tells where it is. */
  z.strictObject({ type: z.literal('save'), ...request }),
]);

/** What a page tells the server. */
export const pageMessageSchema = z.union([labActionSchema, plainMessageSchema]);
export type PageMessage = z.output<typeof pageMessageSchema>;
/** The same before defaults are filled in: what a page writes. */
export type PageMessageInput = z.input<typeof pageMessageSchema>;

const confidence = z.enum(['documented', 'observed', 'inferred', 'assumed']);

/** A value of the build's profile that counts in a state, with where it comes from. */
const sourcedValueSchema = z.strictObject({
  name: z.string().describe('as the profile names it: screens.home'), value: z.string(), confidence, disputed: z.boolean(), note: z.string().optional(),
  evidence: z.array(z.string()).describe('ids of `sources`'),
});

/** What happens in a state of the machine, for the build at hand. */
const stateAboutSchema = z.strictObject({ text: z.string(), confidence: confidence.describe('the weakest of the values'), values: z.array(sourcedValueSchema) });
export type StateAbout = z.output<typeof stateAboutSchema>;

const failureSchema = z.strictObject({
  rule: z.string().describe('of the stage that failed: certificate-refused'),
  id: z.string().describe('of the diagnosis rule: LPE001'),
  sentence: z.string(),
  remedy: z.strictObject({ sentence: z.string(), commands: z.array(z.string()) }).optional(),
  confidence, evidence: z.array(z.string()),
});

/** A phone as the page draws it. */
const phoneViewSchema = z.strictObject({
  state: z.string().describe('of the machine; a node of the chart'),
  stage: z.string(),
  since: z.number().describe('when it entered the state, milliseconds since 1970 by its events'),
  screen: z.array(z.string()),
  input: z.strictObject({
    fields: z.array(z.strictObject({ name: z.enum(['number', 'pin', 'lock-pin', 'dial']), label: z.string(), value: z.string().describe('PINs as bullets'), active: z.boolean() })),
    softKeys: z.array(z.string()).length(3).describe('labels of soft1 to soft3; empty: no use now'),
    held: z.array(z.enum(phoneKeys)),
  }).describe('what is keyed in below the lines of the display'),
  information: z.array(z.strictObject({ label: z.string(), value: z.string() })).describe('System Information'),
  informationShown: z.boolean().describe('whether the display shows it now'),
  lights: z.strictObject({ message: z.boolean(), speaker: z.boolean(), power: z.boolean() }),
  usb: z.boolean(),
  takesUsb: z.boolean().describe('whether this model signs in over USB'),
  takesTyped: z.boolean().describe('whether this model takes typed AD credentials'),
  call: z.strictObject({ direction: z.enum(['outgoing', 'incoming']), peer: z.string(), state: z.enum(['calling', 'ringing', 'connected', 'ended']), reason: z.string().optional() }).optional(),
  lock: z.string().optional(),
  exchange: z.string().optional(),
  failure: failureSchema.optional(),
  firmware: z.string().describe('the build it runs now'),
  rounds: z.int().describe('times in a row that it went to wait before trying again'),
  reboots: z.int().describe('restarts in a row that nobody asked for'),
  holding: z.string().optional().describe('the stage before which it is held, in step mode'),
});
export type PhoneView = z.output<typeof phoneViewSchema>;

const phoneSchema = z.strictObject({
  id: phoneId, title: z.string(), model: z.string(), build: z.string().describe('it began with'),
  came: z.int().describe('number of the first event when it was on the desk'), gone: z.int().optional().describe('of the first when it was there no more'),
  about: z.record(z.string(), stateAboutSchema).describe('by state'), view: phoneViewSchema,
});
export type DemoPhone = z.output<typeof phoneSchema>;

const presentedSchema = z.strictObject({
  subject: z.string(), issuer: z.string(), names: z.array(z.string()), notBefore: z.number(), notAfter: z.number(), key: z.string(), signature: z.string(), fingerprint: z.string(),
});
const labCertificateSchema = z.strictObject({
  name: z.string(), spec: z.record(z.string(), z.unknown()).describe('as the topology declares it; what `change` changes'),
  chain: z.array(presentedSchema).describe('the leaf first, up to the root, as issued'), usedBy: z.array(z.string()).describe('lync.contoso.lab/registrar'),
});

/** The server side as the board shows it: the topology's own JSON. Users' secrets are in it: it is a lab. */
const labViewSchema = z.strictObject({
  name: z.string(), description: z.string(), sipDomains: z.array(z.string()),
  authorities: z.array(z.strictObject({ name: z.string(), commonName: z.string(), issuer: z.string().optional() })),
  certificates: z.array(labCertificateSchema),
  dns: z.array(z.record(z.string(), z.unknown())),
  dhcp: z.record(z.string(), z.unknown()),
  users: z.array(z.strictObject({
    sipUri: z.string(), displayName: z.string(), extension: z.string().optional(), number: z.string().optional(), pin: z.string().optional(), account: z.string(), password: z.string(),
    enabled: z.boolean(), pinEnabled: z.boolean(), pinLocked: z.boolean(),
  })),
  policy: z.record(z.string(), z.unknown()), updates: z.record(z.string(), z.unknown()), faults: z.record(z.string(), z.unknown()),
  servers: z.array(z.strictObject({
    fqdn: z.string(), address: z.string(), running: z.boolean(), minimumTls: z.string().optional().describe('none: nothing there speaks TLS'), services: z.array(z.strictObject({ service: z.string(), port: z.int(), certificate: z.string().optional() })),
  })),
});
export type LabView = z.output<typeof labViewSchema>;

const point = z.strictObject({ x: z.number(), y: z.number() });

/** The phone's machine, laid out. */
export const chartSchema = z.strictObject({
  width: z.number(), height: z.number(),
  nodes: z.array(z.strictObject({ id: z.string(), x: z.number().describe('of the middle'), y: z.number(), width: z.number(), height: z.number(), parent: z.string().optional() })),
  edges: z.array(z.strictObject({ from: z.string(), to: z.string(), label: z.string(), points: z.array(point), labelAt: point.optional() })),
});
export type Chart = z.output<typeof chartSchema>;

const questionSchema = z.strictObject({ text: z.string(), choices: z.array(z.string()) });
const lessonViewSchema = z.strictObject({
  id: z.string(), title: z.string(), step: z.int().describe('from 0'), steps: z.int(), text: z.string(),
  expects: z.array(z.strictObject({
    phone: phoneId, state: z.string().optional(), outcome: z.enum(['signed-in', 'degraded', 'failed']).optional(), stage: z.string().optional(), screen: z.string().optional(), firmware: z.string().optional(), met: z.boolean(),
  })).describe('of the phones; `next` is refused until all has come'),
  met: z.boolean().describe('whether all of it has come, and all is done that the step does'),
  question: questionSchema.optional(),
  answered: z.strictObject({ choice: z.int(), right: z.boolean(), because: z.string() }).optional(),
  done: z.boolean().describe('the last step is over'),
});
export type LessonView = z.output<typeof lessonViewSchema>;
const lessonTitleSchema = z.strictObject({ id: z.string(), title: z.string(), description: z.string(), minutes: z.int() });

const paceSchema = z.strictObject({ mode: z.enum(['real', 'slow', 'step']), holding: z.array(z.strictObject({ phone: phoneId, stage: z.string() })) });
export type Pace = z.output<typeof paceSchema>;

/** Whose event it is. */
export type Origin = 'lab' | `phone:${string}`;
/** An event of a phone's or the lab's trace (`trace/event.ts`), numbered over the whole session. */
export type TraceRow = TraceEvent & { origin: Origin };

const numbered = { sequence: z.int().positive(), time: z.number(), origin: z.custom<Origin>((origin) => typeof origin === 'string' && /^(lab|phone:.+)$/.test(origin)) };
const envelopeSchema = z.looseObject({ ...numbered, actor: z.string(), layer: z.string() });
/** The envelope only: what is inside was typed where it was recorded. */
const traceRowSchema = z.custom<TraceRow>((event) => envelopeSchema.safeParse(event).success);
/** How a phone or the lab is drawn from then on: what is seen at any moment is the last of these before it. */
const phoneDrawnSchema = z.strictObject({ ...numbered, layer: z.literal('phone'), view: phoneViewSchema });
const labDrawnSchema = z.strictObject({ ...numbered, layer: z.literal('lab'), view: labViewSchema });
export type DrawnEvent = z.output<typeof phoneDrawnSchema> | z.output<typeof labDrawnSchema>;
/** Before it has its number. */
export type Drawn = { layer: 'phone'; view: PhoneView } | { layer: 'lab'; view: LabView };

export type DemoEvent = TraceRow | DrawnEvent;
const eventSchema = z.union([traceRowSchema, phoneDrawnSchema, labDrawnSchema]);

/** What the server tells a page. */
export const serverMessageSchema = z.discriminatedUnion('type', [
  /** First on each connection, and again when a lesson has set up another lab: then `session` is another, and what the page has is of the past. */
  z.strictObject({
    type: z.literal('hello'), version: z.literal(protocolVersion), session: z.string(), started: z.number().describe('milliseconds since 1970'),
    latest: z.int().describe('number of the latest event'), phones: z.array(phoneSchema), lab: labViewSchema, chart: chartSchema, lessons: z.array(lessonTitleSchema), lesson: lessonViewSchema.optional(), pace: paceSchema,
    builds: z.array(z.strictObject({ build: z.string(), name: z.string(), models: z.array(z.string()) })).describe('that a phone can be added with'),
    sources: z.record(z.string(), z.strictObject({ title: z.string(), url: z.string().optional() })).describe('the evidence, by id'),
  }),
  /** The whole set, where a phone came or went: with those that are gone, since what they did is still there to rewind to. */
  z.strictObject({ type: z.literal('phones'), phones: z.array(phoneSchema) }),
  /** In order and without gaps but those that `dropped` told of; `from` is the first one's number. */
  z.strictObject({ type: z.literal('events'), from: z.int().positive(), events: z.array(eventSchema).min(1) }),
  /** So many events were given up before the next ones, since the page was slow or came late; what they may have drawn, as it is now. */
  z.strictObject({ type: z.literal('dropped'), count: z.int().positive(), phones: z.array(phoneSchema), lab: labViewSchema }),
  /** Without `lesson`: none is under way. */
  z.strictObject({ type: z.literal('lesson'), lesson: lessonViewSchema.optional() }),
  z.strictObject({ type: z.literal('pace'), pace: paceSchema }),
  /** Where the saved run is: a path of this server, to which the page adds its token. */
  z.strictObject({ type: z.literal('report'), path: z.string(), ...request }),
  z.strictObject({ type: z.literal('done'), request: z.int() }),
  z.strictObject({ type: z.literal('error'), code: z.string(), message: z.string(), ...request }),
]);
export type ServerMessage = z.output<typeof serverMessageSchema>;

/** The page's WebSocket, with `?token=` of the page's own address. */
export const socketPath = '/session';
