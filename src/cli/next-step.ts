import type { Failure } from '../failure.js';

/** What to try after a failure that does not say so itself, by its code. */
const byCode: Readonly<Record<string, string>> = {
  'certificate/password': 'Give the password with --secret-file FILE, or leave that out and be asked.',
  'certificate/unusable': 'Export it once more as Base64-encoded X.509 (.cer), or as PKCS #12 (.pfx).',
  'compare/nothing-common': 'Compare two results of the same plan, or two plans with the same phones.',
  'demo/cannot-listen': '--bind names an address of this computer; without it the demo uses 127.0.0.1.',
  'demo/port-in-use': 'Name another port with --port, or none: a free one is taken then.',
  'lab/cannot-listen': '--bind names an address of this computer; without it the lab uses 127.0.0.1.',
  'lab/port-in-use': 'Name another port with --port, or none: a free one is taken then.',
  'lesson/unknown': 'lpe demo serves all lessons; choose one on the page.',
  'memory/not-json': 'Name another file with --memory; one that is not there is made.',
  'network/no-interface': '--interface (interface in a plan) takes a name or an address of this computer.',
  'network/no-route': 'Look at the VLAN and the default gateway of this machine, and at the routes between it and the servers.',
  'network/refused': 'lpe probe HOST:PORT tells what answers there; the service may be stopped, or a firewall refuse.',
  'network/timeout': 'Look for a firewall on the way, and try from a computer in the VLAN of the phones.',
  'network/unreachable': 'lpe discover SIP-DOMAIN tells what DNS gives phones; --dns-server asks that of their network.',
  'output/same-file': 'Give each of them a name of its own.',
  'output/unwritable': 'Name a file in a folder that is there and that you may write to.',
  'plan/idle-expectation': 'Compare its phone, account and target with those of the plan, letter by letter, or remove it.',
  'plan/no-live-target': 'lpe init writes a plan for real servers; a lab is described by its topology already.',
  'plan/no-outside': 'Add the part outside to the topology, as examples/topologies/outside.yaml has it.',
  'plan/no-roots': 'Export the root as Base64-encoded X.509 (.cer) and name that file.',
  'plan/no-secret': 'The plan says where it is. A variable: export NAME=value, in PowerShell $env:NAME = "value".',
  'plan/unknown-account': "Add an account with a sipUri of one of the target's domains.",
  'plan/unknown-rule': 'lpe explain lists the rules, LPE001 and so on; the words that go with them stand beside their ids in results.',
  'probe/no-address': '--connect-to NAME:PORT:ADDRESS:PORT goes there without DNS; --dns-server asks another name server.',
  'rehearsal/no-password': 'Add logon and password where the account is declared, or let its phones sign in by PIN: signIn: pin.',
  'rehearsal/no-pin': 'Add number and PIN where the account is declared, or let its phones sign in another way: signIn.',
  'rehearsal/nothing-seen': 'lpe discover SIP-DOMAIN tells what phones find from here.',
  'terminal/interrupted': 'Run it again, and let it come to its end.',
  'usage/decode-alone': 'Use --decode without them, or them without --decode.',
  'usage/dhcp-or-not': 'Leave --dhcp out to say what DHCP would tell.',
  'usage/lab-tells': 'Leave these out, or leave out --lab to ask real servers.',
  'usage/nothing-to-reset': 'Sign it in once with --memory FILE; then reset it with the same file.',
  'usage/no-secret': 'Give it with --secret-file FILE, in the environment, or at the prompt.',
  'usage/sign-in-method': 'lpe sign-in --firmware 4.0.7577.4100 --pin 100 signs in to a small lab.',
  'usage/token-needed': '--token "$(openssl rand -hex 16)" is hard to guess.',
  'usage/unknown-service': 'lpe lab without --port lists them as they run.',
  'usage/unknown-user': "Add the user to the topology, or name one of these.",
};

/** Where the code itself has no entry: by what it is about. */
const byArea: Readonly<Record<string, string>> = {
  certificate: 'Name the file with the server certificate: PEM, DER, PKCS #7 or PKCS #12.',
  compare: 'lpe compare takes what lpe rehearse --json wrote, a plan, or a topology.',
  demo: 'lpe demo --help tells more.',
  lab: 'The topology declares what a lab has: lpe lab --help.',
  lesson: 'lpe demo --help tells more.',
  memory: 'lpe sign-in --memory FILE writes one.',
  network: 'Try from where the phones are; lpe discover SIP-DOMAIN tells what they find.',
  output: 'Name another file.',
  pkcs: "Look at the certificate's part of the topology: key, hash and validity.",
  plan: 'lpe init writes a plan to begin with; examples/schemas/plan.schema.json lets an editor check it.',
  profile: 'lpe profiles lists the builds that are known; firmware-profiles/profile.schema.json lets an editor check a file.',
  report: 'lpe rehearse --json FILE writes such a result.',
  rehearsal: 'lpe rehearse --help tells more.',
  terminal: 'Send the output elsewhere.',
  tls: 'lpe probe HOST:PORT shows the handshake of each build.',
  topology: 'examples/topologies/contoso.yaml is one to copy; examples/schemas/topology.schema.json lets an editor check it.',
  usage: 'lpe --help lists the commands; lpe COMMAND --help has examples.',
};

/** The next thing to try: every error names one. */
export function nextStep({ code, hint }: Failure): string | undefined {
  return hint ?? byCode[code] ?? byArea[code.split('/')[0] ?? ''];
}
