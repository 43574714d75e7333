/** A place in a script where a value can stand. `V` is the template; the script prints what arrived there, each followed by NUL. */
export interface SafePlace {
  readonly name: string;
  readonly script: string;
  /** What the script prints, for a value; the value itself when absent. */
  readonly prints?: (value: string) => string;
  /** The place is no syntax of dash. */
  readonly bashOnly?: true;
}

const print = `printf '%s\\0'`;
const same = (value: string) => value;
const withoutLastLines = (value: string) => value.replace(/\n+$/, '');
const line = (value: string) => `${value}\n`;
const around = (value: string) => `a${value}b`;
const ok = () => 'ok';

/** Every kind of place that is safe and exact. */
export const SAFE_PLACES: readonly SafePlace[] = [
  { name: 'bare', script: `${print} V` },
  { name: 'glued', script: `${print} aVb`, prints: around },
  { name: 'glued to quotes', script: `${print} 'a'V"b"`, prints: around },
  { name: 'after a tilde', script: `${print} ~V`, prints: (value) => `~${value}` },
  { name: 'after an escaped backslash', script: `${print} \\\\\\V`, prints: (value) => `\\${value}` },
  { name: 'after a continued line', script: `${print} \\\nV` },
  { name: 'in double quotes', script: `${print} "aVb"`, prints: around },
  { name: 'alone in double quotes', script: `${print} "V"` },
  {
    name: 'after an escaped backslash in double quotes',
    script: `${print} "\\\\\\V"`,
    prints: (value) => `\\${value}`,
  },
  { name: 'in single quotes', script: `${print} 'aVb'`, prints: around },
  { name: 'after backslashes in single quotes', script: `${print} '\\\\V'`, prints: (value) => `\\${value}` },
  { name: 'in ANSI quotes', script: `${print} $'a\\tVb'`, prints: (value) => `a\t${value}b`, bashOnly: true },
  { name: 'assignment', script: `y=V; ${print} "$y"` },
  { name: 'glued assignment', script: `y=aVb; ${print} "$y"`, prints: around },
  { name: 'quoted assignment', script: `y="V"; ${print} "$y"` },
  { name: 'appended', script: `y=a; y+=V; ${print} "$y"`, prints: (value) => `a${value}`, bashOnly: true },
  { name: 'exported', script: `export Y=V; sh -c '${print.replaceAll("'", '"')} "$Y"'` },
  { name: 'local', script: `f() { local y=V; ${print} "$y"; }; f` },
  { name: 'declared', script: `declare -x y=V; ${print} "$y"`, bashOnly: true },
  { name: 'before a command', script: `Y=V sh -c '${print.replaceAll("'", '"')} "$Y"'` },
  { name: 'through env', script: `env Y=V sh -c '${print.replaceAll("'", '"')} "$Y"'` },
  { name: 'parameter of sh -c', script: `sh -c '${print.replaceAll("'", '"')} "$1"' sh V` },
  { name: 'argument of a function', script: `f() { ${print} "$1"; }; f V` },
  { name: 'argument behind command', script: `command ${print} V` },
  { name: 'argument after printf --', script: `printf -- '%s\\0' V` },
  { name: 'positional parameter', script: `set -- V; ${print} "$1"` },
  { name: 'word of for', script: `for y in V; do ${print} "$y"; done` },
  { name: 'word of case', script: `case V in *) ${print} ok ;; esac`, prints: ok },
  { name: 'pattern of case', script: `y=V; case "$y" in V) ${print} ok ;; *) ${print} no ;; esac`, prints: ok },
  { name: 'compared with =', script: `y=V; if [ V = "$y" ]; then ${print} ok; fi`, prints: ok },
  { name: 'compared with test', script: `y=V; if test "$y" = V; then ${print} ok; fi`, prints: ok },
  { name: 'compared with ! =', script: `y=V; if [ ! "$y" != V ]; then ${print} ok; fi`, prints: ok },
  { name: 'tested for text', script: `if [ -n aV ]; then ${print} ok; fi`, prints: ok },
  { name: 'compared with [[', script: `y=V; if [[ "$y" == V ]]; then ${print} ok; fi`, prints: ok, bashOnly: true },
  { name: 'matched with =~', script: `y=V; if [[ "$y" =~ ^V$ ]]; then ${print} ok; fi`, prints: ok, bashOnly: true },
  { name: 'in $( )', script: `y=$(printf '%s.' V); ${print} "\${y%.}"` },
  { name: 'in quoted $( )', script: `y="$(printf '%s.' "V")"; ${print} "\${y%.}"` },
  { name: 'in $( ) in $( )', script: `y=$(printf '%s.' "$(printf '%s.' V)"); ${print} "\${y%..}"` },
  { name: 'in backquotes', script: `y=\`printf '%s.' V\`; ${print} "\${y%.}"` },
  { name: 'in quoted backquotes', script: `y="\`printf '%s.' V\`"; ${print} "\${y%.}"` },
  { name: 'in a subshell', script: `(${print} V)` },
  { name: 'in a group', script: `{ ${print} V; }` },
  { name: 'in a pipe', script: `printf '%s' V | cat; printf '\\0'` },
  { name: 'in the background', script: `${print} V & wait` },
  { name: 'in a condition', script: `if true; then ${print} V; else ${print} no; fi` },
  { name: 'in a loop', script: `while ${print} V; do break; done` },
  { name: 'here-document', script: `cat <<X\nV\nX\nprintf '\\0'`, prints: line },
  {
    name: 'in the middle of a here-document',
    script: `cat <<X\n"a 'V' b"\nX\nprintf '\\0'`,
    prints: (value) => `"a '${value}' b"\n`,
  },
  { name: 'here-document with tabs', script: `cat <<-X\n\tV\n\tX\nprintf '\\0'`, prints: line },
  { name: 'here-document in $( )', script: `y=$(cat <<X\nV.\nX\n); ${print} "\${y%.}"` },
  {
    name: '$( ) in a here-document',
    script: `cat <<X\n$(printf '%s' V)\nX\nprintf '\\0'`,
    prints: (value) => line(withoutLastLines(value)),
  },
  { name: 'default in a here-document', script: `cat <<X\n\${none:-V}\nX\nprintf '\\0'`, prints: line },
  { name: 'here-string', script: `cat <<< V; printf '\\0'`, prints: line, bashOnly: true },
  { name: 'default', script: `${print} \${none:-V}` },
  { name: 'quoted default', script: `${print} "a\${none:-V}b"`, prints: around },
  { name: 'apostrophes in a quoted default', script: `${print} "\${none:-'V'}"`, prints: (value) => `'${value}'` },
  { name: 'assigned default', script: `unset y; : "\${y=V}"; ${print} "$y"` },
  { name: 'alternative', script: `y=1; ${print} "\${y:+V}"` },
  { name: 'prefix taken off', script: `y=Vend; z=\${y#V}; ${print} "$z"`, prints: () => 'end' },
  { name: 'prefix taken off in quotes', script: `y=Vend; ${print} "\${y#V}"`, prints: () => 'end' },
  { name: 'suffix taken off in quotes', script: `y=startV; ${print} "\${y%V}"`, prints: () => 'start' },
  {
    name: 'prefix in a here-document',
    script: `y=Vend; cat <<X\n\${y#V}\nX\nprintf '\\0'`,
    prints: () => 'end\n',
    bashOnly: true,
  },
  { name: 'replaced', script: `y=aV; ${print} "\${y/aV/Z}"`, prints: () => 'Z', bashOnly: true },
  { name: 'replacement', script: `y=q; z=\${y/q/V}; ${print} "$z"`, bashOnly: true },
  {
    name: 'list',
    script: `a=(V "V"); ${print} "\${a[0]}" "\${a[1]}"`,
    prints: (value) => `${value}\0${value}`,
    bashOnly: true,
  },
  { name: 'element of a list', script: `a=([1]=V); ${print} "\${a[1]}"`, bashOnly: true },
  { name: 'assigned element', script: `a[2]=V; ${print} "\${a[2]}"`, bashOnly: true },
  { name: 'process substitution', script: `cat <(printf '%s' V); printf '\\0'`, bashOnly: true },
  { name: 'in braces', script: `${print} {a,V}`, prints: (value) => `a\0${value}`, bashOnly: true },
  { name: 'in a glob', script: `${print} none-*-V`, prints: (value) => `none-*-${value}` },
  { name: 'in a comment', script: `# V\n${print} ok # V`, prints: ok },
  { name: 'joined', script: `true && ${print} V || ${print} no`, prints: same },
];
