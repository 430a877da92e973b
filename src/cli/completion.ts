import { Argument, type Command, type Option } from 'commander';
import type { AddCommand } from './command.js';

const shells = ['bash', 'zsh', 'powershell'] as const;

/** What can stand after a command: its long options, each with the values it is limited to. */
interface Completed {
  name: string;
  description: string;
  options: { flag: string; takesValue: boolean; values: readonly string[] }[];
}

export const addCompletion: AddCommand = (program, io) => {
  program.command('completion')
    .description('Prints a script that completes commands, options and their values in your shell.')
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText('after', '\nExit status: 0 printed, 2 wrong use.\n'
      + '\nExamples:\n  $ lpe completion bash > ~/.local/share/bash-completion/completions/lpe\n  $ lpe completion zsh > "${fpath[1]}/_lpe"\n'
      + '  $ lpe completion powershell | Add-Content $PROFILE')
    .action((shell: typeof shells[number]) => {
      const commands = program.commands.map(describe);
      io.out({ bash, zsh, powershell }[shell](commands));
    });
};

function describe(command: Command): Completed {
  return {
    name: command.name(), description: command.description(),
    options: [...command.options, command.createHelp().visibleOptions(command).find(({ long }) => long === '--help')]
      .flatMap((option): Completed['options'] => (option?.long === undefined ? [] : [{ flag: option.long, takesValue: takesValue(option), values: option.argChoices ?? [] }])),
  };
}

const takesValue = ({ required, optional }: Option) => required || optional;

/** Files where an option takes a value that is not limited, since most are files; bash has no better guess. */
function bash(commands: readonly Completed[]): string {
  const cases = commands.flatMap(({ name, options }) => [
    `    ${name})`,
    '      case "$previous" in',
    ...options.filter(({ takesValue: takes }) => takes).map(({ flag, values }) => `        ${flag}) COMPREPLY=(${values.length === 0
      ? '$(compgen -f -- "$word")' : `$(compgen -W ${single(values.map((value) => value.replaceAll(' ', '\\ ')).join(' '))} -- "$word")`}); return ;;`),
    '      esac',
    `      COMPREPLY=($(compgen -W ${single(options.map(({ flag }) => flag).join(' '))} -- "$word") $(compgen -f -- "$word")) ;;`,
  ]);
  return [
    '# bash completion for lpe',
    '_lpe() {',
    '  local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"',
    '  COMPREPLY=()',
    `  if [ "$COMP_CWORD" = 1 ]; then COMPREPLY=($(compgen -W ${single([...commands.map(({ name }) => name), '--help', '--version'].join(' '))} -- "$word")); return; fi`,
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    '  esac',
    '}',
    'complete -o filenames -F _lpe lpe',
    '',
  ].join('\n');
}

function zsh(commands: readonly Completed[]): string {
  const cases = commands.flatMap(({ name, options }) => [
    `    ${name})`,
    `      _arguments ${options.map(({ flag, takesValue: takes, values }) => single(`${flag}${takes ? `:value:${values.length === 0 ? '_files' : `(${values.map((value) => value.replaceAll(' ', '\\ ')).join(' ')})`}` : ''}`)).join(' ')} '*:file:_files' ;;`,
  ]);
  return [
    '#compdef lpe',
    '_lpe() {',
    '  if (( CURRENT == 2 )); then',
    '    local -a commands',
    `    commands=(${commands.map(({ name, description }) => single(`${name}:${description.replaceAll(':', '\\:')}`)).join(' ')})`,
    '    _describe command commands',
    '    return',
    '  fi',
    '  case "$words[2]" in',
    ...cases,
    '  esac',
    '}',
    '_lpe "$@"',
    '',
  ].join('\n');
}

function powershell(commands: readonly Completed[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  return [
    '# PowerShell completion for lpe',
    'Register-ArgumentCompleter -Native -CommandName lpe -ScriptBlock {',
    '  param($word, $ast, $cursor)',
    '  $options = @{',
    ...commands.map(({ name, options }) => `    ${quoted(name)} = @(${options.map(({ flag }) => quoted(flag)).join(', ')})`),
    '  }',
    '  $values = @{',
    ...commands.flatMap(({ name, options }) => options.filter(({ values }) => values.length > 0)
      .map(({ flag, values }) => `    ${quoted(`${name} ${flag}`)} = @(${values.map(quoted).join(', ')})`)),
    '  }',
    '  $words = @($ast.CommandElements | ForEach-Object { $_.ToString() })',
    "  if ($word -ne '' -and $words.Count -gt 0) { $words = @($words | Select-Object -SkipLast 1) }",
    "  $candidates = if ($words.Count -le 1) { $options.Keys | Sort-Object } elseif ($values.ContainsKey(\"$($words[1]) $($words[-1])\")) { $values[\"$($words[1]) $($words[-1])\"] } else { $options[$words[1]] }",
    '  $candidates | Where-Object { $_ -like "$word*" } | ForEach-Object {',
    '    $written = if ($_ -match " ") { "\'$_\'" } else { $_ }',
    "    [System.Management.Automation.CompletionResult]::new($written, $_, 'ParameterValue', $_)",
    '  }',
    '}',
    '',
  ].join('\n');
}

/** For bash and zsh. */
function single(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
