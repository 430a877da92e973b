import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Cmdlets as Microsoft's reference has them. */
const { cmdlets } = JSON.parse(readFileSync('test/vectors/cmdlets.json', 'utf8')) as { cmdlets: Record<string, { parameters: string[]; required: string[][] }> };

/** Programs of Windows and of Lync, as Microsoft prints their usage. */
const { commands } = JSON.parse(readFileSync('test/vectors/windows-commands.json', 'utf8')) as { commands: { usage: string; pattern: string }[] };

/** Whose reference the vectors do not hold: they come with PowerShell itself, or with a module for a single command. */
const others = new Set(['Get-ItemProperty', 'Restart-Service', 'Invoke-MgGraphRequest', 'Format-List', 'Format-Table', 'Where-Object']);

const folder = 'docs/rules';
const pages = readdirSync(folder).filter((name) => name.startsWith('LPE'));

/** The PowerShell commands that a page advises: without what a pipe goes on with, without the note behind them. */
function commandsOf(page: string): string[] {
  const blocks = [...readFileSync(join(folder, page), 'utf8').matchAll(/```powershell\n(.*?)```/gs)];
  return blocks.flatMap(([, block = '']) => block.trim().split('\n')).map((line) => line.replace(/ {3}\(.*\)$/, '').replace(/^\$\w+ = /, ''));
}

/** What is wrong with a command, as far as its syntax tells. */
function faultsOf(command: string): string[] {
  return command.split(' | ').flatMap((part, at) => {
    const [name] = /^[A-Z][a-z]+-[A-Z]\w+/.exec(part) ?? [];
    if (name === undefined) return commands.some(({ pattern }) => new RegExp(`^${pattern}$`).test(part)) ? [] : ['no usage in test/vectors/windows-commands.json reads so'];
    if (others.has(name)) return [];
    const known = cmdlets[name];
    if (known === undefined) return [`${name} is not in test/vectors/cmdlets.json`];
    const given = [...part.replaceAll(/"[^"]*"|<[^>]*>|\([^)]*\)|\{[^}]*\}/g, '""').matchAll(/ -(\w+)/g)].map(([, parameter = '']) => parameter.toLowerCase());
    const has = (parameter: string) => given.includes(parameter.toLowerCase());
    const parameters = new Set([...known.parameters, 'Verbose'].map((each) => each.toLowerCase()));
    return [
      ...given.filter((parameter) => !parameters.has(parameter)).map((parameter) => `${name} has no -${parameter}`),
      // What comes through a pipe may give the rest.
      ...(at > 0 || known.required.length === 0 || known.required.some((set) => set.every(has)) ? [] : [`${name} needs ${known.required.map((set) => set.join(' and ')).join(', or ')}`]),
    ];
  });
}

describe('The commands of remedies', () => {
  it('are written as Microsoft documents them', () => {
    assert.deepEqual(pages.flatMap((page) => commandsOf(page).flatMap((command) => faultsOf(command).map((fault) => `${page}: ${fault}: ${command}`))), []);
    assert.ok(pages.flatMap(commandsOf).length > 100);
  });

  it('would not be let through with a wrong or a missing parameter', () => {
    assert.deepEqual(faultsOf('Set-CsCertificate -Type Default -Thumb <thumbprint>'), ['Set-CsCertificate has no -thumb', 'Set-CsCertificate needs Reference, or Thumbprint, or Identity and Path and Type']);
    assert.deepEqual(faultsOf('certutil -dspublish -f <root.cer> RootCA'), ['no usage in test/vectors/windows-commands.json reads so']);
    assert.deepEqual(faultsOf('Get-CsDeviceUpdateRule | Approve-CsDeviceRule'), ['Approve-CsDeviceRule is not in test/vectors/cmdlets.json']);
  });
});
