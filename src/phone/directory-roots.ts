import { X509Certificate } from 'node:crypto';
import { Failure } from '../failure.js';
import { within } from '../network/deadline.js';
import { LdapClient } from '../protocol/ldap/client.js';
import { resultCodes, type LdapEntry } from '../protocol/ldap/message.js';
import { spnegoMechanism } from '../protocol/ldap/spnego.js';
import { domainOf } from '../protocol/sip/name-address.js';
import type { NoteEvent } from '../trace/event.js';
import { presentedInTrace } from './presented-chain.js';
import { StageFailure, unsourced } from './stage-failure.js';
import { resolverOf } from './step-tools.js';
import type { AccountCredentials, StepTools } from './steps.js';

/** Microsoft, "How DNS support for Active Directory works": the records a domain controller registers. */
const directoryServices = ['_ldap._tcp.dc._msdcs', '_ldap._tcp'];

/**
 * The roots an administrator published with `certutil -dspublish`: attribute cACertificate of the objects of category certificationAuthority
 * (Microsoft, Office Communications Server 2007 R2, "Communicator Phone Edition: certificates"), as DER. Assumed, since no source tells: how the
 * phone finds the directory (here: the SRV records above in the lease's domain, then in the SIP domain), how it binds (here: with the AD account by NTLM
 * in SPNEGO, as it authenticates elsewhere; a directory that does not offer that is not read, since a password never travels in clear), and that it
 * stops there when the directory refuses the password. That it looks before its first handshake is how a CX700 was traced to go for its root (Polycom,
 * "CX700 Deployment Guide", by HTTP); of the others it is inferred only that they look once they meet an issuer that they do not know. Whatever else is
 * missing gives an empty list and a note in the trace. Rejects with `credentials-refused`, and when `tools.signal` aborts.
 */
export async function fetchDirectoryRoots(
  input: { credentials: AccountCredentials; domainName: string | undefined }, tools: StepTools,
): Promise<Buffer[]> {
  const sipDomain = domainOf(input.credentials.sipUri);
  for await (const directory of locateDirectories({ sipDomain, domainName: input.domainName }, tools)) {
    const roots = await readRoots(directory, input.credentials, tools);
    if (roots !== undefined) return roots;
  }
  note(tools, `No directory gave root certificates (looked for by SRV records of ${domainsOf({ sipDomain, domainName: input.domainName }).join(', ')}; that the phone looks there is an assumption).`);
  return [];
}

/** A directory server that DNS names. */
export interface LocatedDirectory {
  address: string;
  port: number;
  /** `dc.contoso.lab:389`. */
  peer: string;
}

/** The directory servers that a phone comes to, one by one: no name is asked for before its turn. Rejects only when `tools.signal` aborts. */
export async function* locateDirectories(input: { sipDomain: string; domainName: string | undefined }, tools: StepTools): AsyncGenerator<LocatedDirectory> {
  const resolver = resolverOf(tools);
  // Both records of a domain name the same hosts, as a rule.
  const tried = new Set<string>();
  for (const domain of domainsOf(input)) {
    for (const service of directoryServices) {
      const lookup = await resolver.srv(`${service}.${domain}`);
      for (const { target, port } of lookup.records) {
        const peer = `${target}:${port}`;
        if (tried.has(peer)) continue;
        tried.add(peer);
        const addresses = await resolver.addresses(target);
        const address = addresses.records[0];
        if (address !== undefined) yield { address, port, peer };
        else note(tools, `The directory ${target} has no address: ${addresses.answer}.`);
      }
    }
  }
}

function domainsOf({ sipDomain, domainName }: { sipDomain: string; domainName: string | undefined }): string[] {
  return [...new Set([domainName ?? '', sipDomain])].filter((domain) => domain !== '');
}

/** The roots of one directory; undefined, with a note, when it could not be read. */
async function readRoots(
  directory: LocatedDirectory, credentials: AccountCredentials, tools: StepTools,
): Promise<Buffer[] | undefined> {
  try {
    const socket = await within(tools, tools.profile.timers.connect.value, (signal) => tools.network.connect(directory, { signal }));
    const client = new LdapClient({ socket, trace: tools.trace, peer: directory.peer });
    const time = tools.profile.timers.request.value;
    return await within(tools, time, async (signal) => {
      const stop = () => { client.close(new Failure('ldap/timeout', `${directory.peer} did not finish answering within ${time} ms.`)); };
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      try {
        return await readAuthorities(client, credentials, tools);
      } finally {
        signal.removeEventListener('abort', stop);
        client.close();
      }
    });
  } catch (error) {
    tools.signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    if (error.facts['resultCode'] === resultCodes.invalidCredentials) {
      const account = `${credentials.domain}\\${credentials.user}`;
      throw new StageFailure('credentials-refused', 'stop', `The directory ${directory.peer} refused the password of ${account}.`, {
        facts: { directory: directory.peer, account, sipUri: credentials.sipUri }, because: [unsourced], cause: error, screen: 'sign-in',
      });
    }
    note(tools, `The directory gave no root certificates. ${error.message}`);
    return undefined;
  }
}

async function readAuthorities(client: LdapClient, { domain, user, password }: AccountCredentials, tools: StepTools): Promise<Buffer[]> {
  const [root] = await client.search({
    base: '', scope: 'base', filter: { kind: 'present', attribute: 'objectClass' }, attributes: ['configurationNamingContext', 'supportedSASLMechanisms'],
  });
  const base = root && valuesOf(root, 'configurationNamingContext')[0]?.toString('utf8');
  if (root === undefined || base === undefined) throw new Failure('phone/directory', 'The directory names no configuration naming context.');
  if (!valuesOf(root, 'supportedSASLMechanisms').some((each) => each.toString('latin1') === spnegoMechanism)) {
    throw new Failure('phone/directory', `The directory does not offer ${spnegoMechanism}, and the phone sends no password in clear.`);
  }
  await client.bindWithNtlm({ domain, user, password }, () => tools.clock.now());
  const entries = await client.search({
    base, scope: 'subtree', filter: { kind: 'equality', attribute: 'objectCategory', value: 'certificationAuthority' }, attributes: ['cACertificate'],
  });
  const values = entries.flatMap((entry) => valuesOf(entry, 'cACertificate'));
  const roots = values.filter(isCertificate);
  note(tools, `The directory publishes ${roots.length} root certificate${roots.length === 1 ? '' : 's'}${
    roots.length < values.length ? `, and ${values.length - roots.length} value(s) that are no certificate` : ''}.`, { learnt: { from: 'directory', certificates: presentedInTrace(roots) } });
  return roots;
}

/** Options of an attribute description, as in `cACertificate;binary`, do not count (RFC 4512 section 2.5). */
function valuesOf(entry: LdapEntry, attribute: string): Buffer[] {
  return entry.attributes.filter(({ name }) => name.split(';')[0]?.toLowerCase() === attribute.toLowerCase()).flatMap(({ values }) => values);
}

function isCertificate(der: Buffer): boolean {
  try {
    return new X509Certificate(der).raw.length > 0;
  } catch {
    return false;
  }
}

function note(tools: StepTools, summary: string, more: Pick<NoteEvent, 'learnt'> = {}): void {
  tools.trace.record('phone', { layer: 'note', summary, ...more });
}
