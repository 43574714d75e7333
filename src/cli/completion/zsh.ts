import type { CommandWords, OptionWords, Words } from './words.ts';

/** A script for zsh with its completion system (`compinit`) switched on; it may also be installed as the file `_runner`. */
export function zshScript(commands: readonly CommandWords[]): string {
  const list = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}\n`).join('');
  return `#compdef runner
# Completion of runner for zsh, made by "runner completion zsh".
_runner_tasks() {
  local word
  local -a names
  for word in $words; do
    case $word in (*.yml|*.yaml) names=(\${(f)"$($program completion --tasks $word 2>/dev/null)"}) ;; esac
  done
  compset -P '*,'
  compadd -S '' -a names
}
_runner_daemon() {
  local -a names
  names=(\${(f)"$($program completion --daemon $1 \${PREFIX:+--begin=$PREFIX} 2>/dev/null)"})
  compadd -a names
}
_runner() {
  local -a commands
  commands=(
${list}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    compadd -- --help --version
    return
  fi
  local program=$words[1] command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
    (help) _describe command commands ;;
${commands.map(commandCase).join('')}  esac
}
if [ "$funcstack[1]" = _runner ]; then _runner "$@"; else compdef _runner runner; fi
`;
}

function commandCase({ name, options, operands }: CommandWords): string {
  const specs = [
    ...options.flatMap(optionSpecs),
    ...(operands ? [`'${isFirstOnly(operands) ? '1' : '*'}:${operandName(operands)}:${action(operands)}'`] : []),
  ];
  const lines = specs.map((spec) => ` \\\n      ${spec}`).join('');
  return `    (${name}) _arguments${lines} ;;\n`;
}

function optionSpecs({ long, short, description, value }: OptionWords): string[] {
  const text = description.replace(/[[\]:\\]/g, '\\$&');
  const argument = value === null ? '' : `:value:${action(value)}`;
  const names = short === null ? [long] : [long, `-${short}`];
  return names.map((name) =>
    quoted(`*${name}${value === null ? '' : name.startsWith('--') ? '=' : '+'}[${text}]${argument}`),
  );
}

/** After a workflow or a run of the daemon comes something else, or nothing. */
function isFirstOnly({ kind }: Words): boolean {
  return kind === 'ids' || kind === 'runs';
}

function operandName({ kind }: Words): string {
  return kind === 'choices' ? 'word' : kind;
}

function action(words: Words): string {
  switch (words.kind) {
    case 'choices':
      return `(${words.choices.join(' ')})`;
    case 'workflows':
      return '_files -g "*.(yml|yaml)(-.)"';
    case 'files':
      return '_files';
    case 'folders':
      return '_files -/';
    case 'tasks':
      return '_runner_tasks';
    case 'ids':
      return ' _runner_daemon workflows';
    case 'runs':
      return ' _runner_daemon runs';
    case 'anything':
      return ' ';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
