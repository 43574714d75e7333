import type { CommandWords, OptionWords, Words } from './words.ts';

/**
 * A script for bash 3.2 and later, without the bash-completion package. Bash hands over `--only=x` as three words; the
 * script takes both spellings. Names of tasks come from the workflow file on the line; they are never expanded.
 */
export function bashScript(commands: readonly CommandWords[]): string {
  return `${HEAD}
  case "$command" in
    '') _runner_words ${quoted([...commands.map(({ name }) => name), 'help', '--help', '--version'].join(' '))} ;;
    help) _runner_words ${quoted(commands.map(({ name }) => name).join(' '))} ;;
${commands.map(commandCase).join('')}  esac
}
complete -F _runner runner
`;
}

const HEAD = `# Completion of runner for bash, made by "runner completion bash".
_runner_words() { COMPREPLY=($(compgen -W "$1" -- "$current")); }
_runner_files() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do
    if [ -d "$path" ]; then COMPREPLY+=("$path"); continue; fi
    case "$1:$path" in files:?* | workflows:*.yml | workflows:*.yaml) COMPREPLY+=("$path") ;; esac
  done <<<"$(compgen -f -- "$current")"
}
_runner_tasks() {
  local word name before=''
  case "$current" in *,*) before="\${current%,*}," ;; esac
  compopt -o nospace 2>/dev/null
  for word in "\${COMP_WORDS[@]}"; do
    case "$word" in *.yml | *.yaml) ;; *) continue ;; esac
    while IFS= read -r name; do
      case "$name" in '') ;; "\${current##*,}"*) COMPREPLY+=("$before$name") ;; esac
    done <<<"$("\${COMP_WORDS[0]}" completion --tasks "$word" 2>/dev/null)"
    return
  done
}
# Of the daemon, if there is one; only the first operand is one of these.
_runner_daemon() {
  local name
  case "$previous" in "$command" | -*) ;; *) return ;; esac
  while IFS= read -r name; do
    [ -n "$name" ] && COMPREPLY+=("$name")
  done <<<"$("\${COMP_WORDS[0]}" completion --daemon "$1" \${current:+"--begin=$current"} 2>/dev/null)"
}
_runner() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous='' command=''
  COMPREPLY=()
  [ "$COMP_CWORD" -gt 0 ] && previous="\${COMP_WORDS[COMP_CWORD-1]}"
  [ "$COMP_CWORD" -gt 1 ] && command="\${COMP_WORDS[1]}"
  if [ "$current" = '=' ]; then current=''
  elif [ "$previous" = '=' ]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"
  fi`;

function commandCase({ name, options, operands }: CommandWords): string {
  const cases = options.filter(({ value }) => value !== null).map(valueCase);
  const names = options.flatMap(({ long, short }) => [long, ...(short === null ? [] : [`-${short}`])]);
  return `    ${name})
      case "$previous" in
${cases.join('')}        *) case "$current" in
          -*) _runner_words ${quoted(names.join(' '))} ;;
          *) ${operands ? action(operands) : ':'} ;;
        esac ;;
      esac ;;
`;
}

function valueCase({ long, short, value }: OptionWords): string {
  return `        ${short === null ? long : `${long} | -${short}`}) ${value ? action(value) : ':'} ;;\n`;
}

function action(words: Words): string {
  switch (words.kind) {
    case 'choices':
      return `_runner_words ${quoted(words.choices.join(' '))}`;
    case 'workflows':
      return '_runner_files workflows';
    case 'files':
      return '_runner_files files';
    case 'folders':
      return '_runner_files folders';
    case 'tasks':
      return '_runner_tasks';
    case 'ids':
      return '_runner_daemon workflows';
    case 'runs':
      return '_runner_daemon runs';
    case 'anything':
      return ':';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
