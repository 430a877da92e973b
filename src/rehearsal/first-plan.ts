import { parse, stringify } from 'yaml';
import { checkDeclaration } from '../declaration-file.js';
import { domainOf } from '../protocol/sip/name-address.js';
import { planSchema } from './plan-schema.js';

/** What a first plan is made from; everything but the account's SIP URI can be filled in later. */
export interface FirstPlan {
  /** `sip:alice@contoso.com`. */
  sipUri: string;
  /** Number or extension that goes with the PIN. */
  number: string | undefined;
  /** `CONTOSO\alice`. */
  logon: string | undefined;
  /** FQDN of the web services, as option 43 names it. */
  webServer: string | undefined;
  /** FQDN in option 120. */
  registrar: string | undefined;
  dnsServer: string | undefined;
  firmware: readonly string[];
  /** A topology file: a lab instead of real servers. */
  lab: string | undefined;
}

/** A commented plan as YAML, checked against the schema. Throws a Failure `plan/invalid` for values that make none. */
export function firstPlan(wanted: FirstPlan): string {
  const methods = [...(wanted.number === undefined ? [] : ['pin']), ...(wanted.logon === undefined ? [] : ['tethered'])];
  const rows = wanted.firmware.flatMap((firmware) => (methods.length === 0 ? ['pin'] : methods)
    .map((signIn) => `  - { model: CX600, firmware: ${firmware}, signIn: ${signIn} }`));
  const text = [
    '# A rehearsal plan. Which phones will sign in, what will their screens say, and why:',
    '#   lpe rehearse THIS-FILE',
    '# A dry run that proves the way without signing in: lpe rehearse THIS-FILE --stop-before webTicket',
    'schema: 1',
    `name: ${scalar(`First rehearsal for ${domainOf(wanted.sipUri)}`)}`,
    '',
    ...(wanted.lab === undefined ? liveTarget(wanted) : [
      '# A lab in this process, as the topology file declares it.', 'targets:', `  lab: { lab: ${scalar(wanted.lab)} }`,
    ]),
    '',
    '# Every model, build (lpe profiles), way to sign in (pin, tethered, typed) and state (fresh, reset, factory-reset, signed-in) to ask about.',
    'phones:',
    ...rows,
    '',
    '# Who signs in. Secrets are never in this file: name an environment variable, a file that only you may read, or be asked.',
    'accounts:',
    '  first:',
    `    sipUri: ${scalar(wanted.sipUri)}`,
    wanted.number === undefined ? '    # number: "100"            # phone number or extension, for PIN sign-in' : `    number: ${scalar(wanted.number)}`,
    wanted.logon === undefined ? '    # logon: CONTOSO\\alice     # AD account, for USB-tethered sign-in' : `    logon: ${scalar(wanted.logon)}`,
    ...(wanted.lab === undefined ? ['    pin: { prompt: true }       # or { env: LPE_PIN }, or { file: pin.txt }', '    password: { prompt: true }'] : ["    # pin and password are the lab user's own, unless given here: { env: LPE_PIN }"]),
    '',
    '# Only what differs from signed-in needs an entry, for instance:',
    '#   - { phone: { firmware: 4.0.7577.107 }, outcome: failed, stage: connecting, rule: certificate-refused }',
    'expect: []',
    '',
    '# A refused PIN or password counts towards a lock at real servers: one refusal, and the account is left alone.',
    'limits:',
    '  wrongCredentialAttempts: 1',
    '  deadlineSeconds: 180',
    '',
  ].join('\n');
  checkDeclaration(parse(text), 'to be written', planSchema, 'plan', 'plan');
  return text;
}

function liveTarget({ sipUri, webServer, registrar, dnsServer }: FirstPlan): string[] {
  const options = [...(webServer === undefined ? [] : [`webServer: ${scalar(webServer)}`]), ...(registrar === undefined ? [] : [`registrar: ${scalar(registrar)}`])];
  return [
    '# Real servers, reached from this host. Nothing is written there but what a phone writes.',
    'targets:',
    '  production:',
    '    live:',
    `      sipDomains: [${scalar(domainOf(sipUri))}]`,
    dnsServer === undefined ? "      # dnsServer: 192.0.2.53    # of the phones' network; without it, this host's own" : `      dnsServer: ${scalar(dnsServer)}`,
    "      # What DHCP tells phones in options 43 and 120 (lpe dhcp-options --decode reads yours); or `dhcpServer: broadcast` to ask for it.",
    options.length === 0 ? '      # dhcpOptions: { webServer: lync.contoso.com, registrar: sip.contoso.com }' : `      dhcpOptions: { ${options.join(', ')} }`,
    '      # connectTo: ["sip.contoso.com:5061:192.0.2.10:5061"]   # before DNS is switched',
    '      # directoryRoots: [root.pem]                             # roots that the directory will publish',
  ];
}

/** A value as YAML writes it, quoted where it must be. */
function scalar(text: string): string {
  return stringify(text, { lineWidth: 0 }).trimEnd();
}
