import { z } from 'zod';
import { checkDeclaration, readText } from '../declaration-file.js';
import { Failure } from '../failure.js';
import { writeWholeFile } from '../whole-file.js';
import type { PhoneMemory } from './memory.js';
import type { CandidateSource } from './steps.js';

const certificates = z.array(z.base64().max(100_000)).max(1000);
const candidateSources = [
  'internal-srv-tls', 'dhcp-tls', 'internal-srv-tcp', 'dhcp-tcp', 'external-srv-tls', 'external-srv-tcp', 'host-names', 'last-good',
] as const satisfies readonly CandidateSource[];

/** The file's shape, version 1: a memory with certificates as base64 DER and null for what is not there. */
const memoryFileSchema = z.strictObject({
  schema: z.literal(1),
  firmware: z.string(),
  downloadedRoots: certificates,
  directoryRoots: certificates,
  intermediates: certificates,
  clientCertificate: z.strictObject({
    sipUri: z.string(), certificatePem: z.string(), privateKeyPem: z.string(), notAfter: z.number(),
  }).nullable(),
  credentials: z.strictObject({
    method: z.enum(['tethered', 'typed']), sipUri: z.string(), domain: z.string(), user: z.string(), password: z.string(),
  }).nullable(),
  lastRegistrar: z.strictObject({
    source: z.enum(candidateSources), asked: z.string(), host: z.string(), port: z.int().min(1).max(65_535), transport: z.enum(['tls', 'tcp']),
  }).nullable(),
  // Missing in files of before the phone lock.
  lock: z.strictObject({
    policy: z.strictObject({ enforced: z.boolean(), minimumPinLength: z.int().min(4).max(15), timeoutMinutes: z.int().min(1).max(1440) }).nullable(),
    pin: z.string().regex(/^\d{4,15}$/).nullable(),
  }).nullable().default(null),
  reboots: z.int().nonnegative(),
});

/**
 * Writes a memory as JSON, whole or not at all, readable by its owner only: it holds the phone's private key and may hold a
 * password. Fails with `output/unwritable`.
 */
export function saveMemory(memory: PhoneMemory, file: string): void {
  const content: z.input<typeof memoryFileSchema> = {
    schema: 1,
    firmware: memory.firmware,
    downloadedRoots: memory.downloadedRoots.map(toBase64),
    directoryRoots: memory.directoryRoots.map(toBase64),
    intermediates: memory.intermediates.map(toBase64),
    clientCertificate: memory.clientCertificate ?? null,
    credentials: memory.credentials ?? null,
    lastRegistrar: memory.lastRegistrar ?? null,
    lock: memory.lock === undefined ? null : { policy: memory.lock.policy ?? null, pin: memory.lock.pin ?? null },
    reboots: memory.reboots,
  };
  writeWholeFile(file, `${JSON.stringify(content, null, 2)}\n`, { secret: true });
}

/** Reads what `saveMemory` wrote. Fails with `memory/unreadable`, `memory/not-json` or `memory/invalid`. */
export function loadMemory(file: string): PhoneMemory {
  const data = parseJson(readText(file, 'memory', 'phone memory'), file);
  const content = checkDeclaration(data, file, memoryFileSchema, 'memory', 'phone memory');
  return {
    firmware: content.firmware,
    downloadedRoots: content.downloadedRoots.map(fromBase64),
    directoryRoots: content.directoryRoots.map(fromBase64),
    intermediates: content.intermediates.map(fromBase64),
    clientCertificate: content.clientCertificate ?? undefined,
    credentials: content.credentials ?? undefined,
    lastRegistrar: content.lastRegistrar ?? undefined,
    lock: content.lock === null ? undefined : { policy: content.lock.policy ?? undefined, pin: content.lock.pin ?? undefined },
    reboots: content.reboots,
  };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the parser's own message: it quotes the text, and the text may hold a password.
    throw new Failure('memory/not-json', `The phone memory ${file} is not JSON.`);
  }
}

const toBase64 = (der: Buffer) => der.toString('base64');
const fromBase64 = (text: string) => Buffer.from(text, 'base64');
