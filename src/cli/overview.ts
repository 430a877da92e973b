/** The commands in the order of the work they are for, each in a few words. */
const groups: readonly { heading: string; commands: readonly (readonly [name: string, does: string])[] }[] = [
  { heading: 'What your servers have for phones, without credentials:', commands: [
    ['discover', 'look up what phones look up; which names certificates need'],
    ['probe', 'shake hands with servers as every build does'],
    ['check', 'ask every build about a certificate or a request, offline'],
    ['dhcp-options', 'write options 43 and 120 for your DHCP server, or read them'],
  ] },
  { heading: 'Rehearse a rollout or a change:', commands: [
    ['init', 'write a first plan'],
    ['rehearse', 'sign every phone of a plan in: verdicts, causes, remedies'],
    ['compare', 'tell what a change breaks and what it mends'],
    ['capture', 'keep a real deployment as a topology, to try changes on'],
  ] },
  { heading: 'Try things out, without servers:', commands: [
    ['demo', 'phones to press keys on, in the browser, with lessons'],
    ['sign-in', 'sign one phone in and watch'],
    ['lab', 'run a small Lync deployment for any client'],
  ] },
  { heading: 'Look things up:', commands: [
    ['explain', 'a cause that a verdict names: LPE001'],
    ['profiles', 'the builds that are known, and how well'],
    ['completion', 'let the shell complete all this: bash, zsh, powershell'],
  ] },
];

/** What `lpe --help` says, on one screen of 24 lines and 80 columns. */
export const overview = [
  'Usage: lpe COMMAND ...    lpe COMMAND --help tells more, with examples',
  '',
  'Tells which Lync Phone Edition phones will sign in, which will not, and why.',
  'First steps: lpe rehearse   lpe demo   lpe discover YOUR-SIP-DOMAIN',
  ...groups.flatMap(({ heading, commands }) => [heading, ...commands.map(([name, does]) => `  ${name.padEnd(13)} ${does}`)]),
  '',
].join('\n');
