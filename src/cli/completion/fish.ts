import type { CommandWords, OptionWords, Words } from './words.ts';

/** A script for fish 3 and later. */
export function fishScript(commands: readonly CommandWords[]): string {
  const top = commands.map(
    ({ name, summary }) => `complete -c runner -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}\n`,
  );
  const names = commands.map(({ name }) => name).join(' ');
  return `# Completion of runner for fish, made by "runner completion fish".
function __runner_tasks
  for word in (commandline -opc)
    if string match -qr '\\.ya?ml$' -- $word
      command runner completion --tasks $word 2>/dev/null
    end
  end
end
function __runner_daemon
  set -l before (commandline -opc)
  if test (count $before) -eq 2; or string match -q -- '-*' $before[-1]
    set -l word (commandline -ct)
    test -n "$word"; and set word --begin=$word
    command runner completion --daemon $argv[1] $word 2>/dev/null
  end
end
function __runner_workflows
  __fish_complete_suffix .yml
  __fish_complete_suffix .yaml
end
complete -c runner -f
complete -c runner -n __fish_use_subcommand -l help -s h -d 'Show help'
complete -c runner -n __fish_use_subcommand -l version -d 'Show the version'
complete -c runner -n '__fish_seen_subcommand_from help' -a ${quoted(names)}
${top.join('')}${commands.map(commandLines).join('')}`;
}

function commandLines({ name, options, operands }: CommandWords): string {
  const when = `complete -c runner -n '__fish_seen_subcommand_from ${name}'`;
  const lines = options.map((option) => `${when} ${optionFlags(option)}\n`);
  return `${lines.join('')}${operands ? `${when} ${action(operands)}\n` : ''}`;
}

function optionFlags({ long, short, description, value }: OptionWords): string {
  const letter = short === null ? '' : ` -s ${short}`;
  const argument = value === null ? '' : value.kind === 'anything' ? ' -x' : ` -x ${action(value)}`;
  return `-l ${long.slice(2)}${letter}${argument} -d ${quoted(description)}`;
}

function action(words: Words): string {
  switch (words.kind) {
    case 'choices':
      return `-a ${quoted(words.choices.join(' '))}`;
    case 'workflows':
      return "-a '(__runner_workflows)'";
    case 'files':
      return "-a '(__fish_complete_path)'";
    case 'folders':
      return "-a '(__fish_complete_directories)'";
    case 'tasks':
      return "-a '(__fish_complete_list , __runner_tasks)'";
    case 'ids':
      return "-a '(__runner_daemon workflows)'";
    case 'runs':
      return "-a '(__runner_daemon runs)'";
    case 'anything':
      return '-f';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
