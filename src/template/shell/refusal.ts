/** Why a value cannot stand where it stands in a script, and what to write instead. */
export interface Refusal {
  readonly message: string;
  /** `value` is the template as written, `name` a fit name of a variable for it. */
  hint(value: string, name: string): string;
}

function inEnv(value: string, name: string): string {
  const quote = value.includes("'") ? '"' : "'";
  return `env: { ${name}: ${value.includes(quote) ? "'{{ … }}'" : quote + value + quote} }`;
}

function viaEnv(value: string, name: string): string {
  return `set ${inEnv(value, name)} and write "$${name}"`;
}

/** The shell, or a command in it, would run the value as code. */
export function runsAsCode(command: string): Refusal {
  return {
    message: `"${command}" would run the value as code`,
    hint: (value, name) => `write the code out and give it the value as data: ${viaEnv(value, name)} there`,
  };
}

/** The value would become part of a program for another interpreter. */
export function nestedCode(command: string): Refusal {
  return {
    message: `the value would become part of a program that "${command}" runs`,
    hint: (value, name) =>
      `set ${inEnv(value, name)} and let the program read ${name} from its environment, or pass it as an argument`,
  };
}

/** The program to run would come from the value. */
export function choosesProgram(command: string): Refusal {
  return {
    message: `the value would choose what "${command}" runs`,
    hint: (value, name) => `write the names out: set ${inEnv(value, name)}, then case "$${name}" in … esac`,
  };
}

/** An interpreter that reads its program from standard input would be fed the value. */
export function feedsInterpreter(command: string): Refusal {
  return {
    message: `"${command}" reads its program from here, and the value would become part of it`,
    hint: (value, name) => `set ${inEnv(value, name)} and let the program read ${name} from its environment`,
  };
}

/** A value that begins with a dash would be an option that can run code. */
export function couldBeOption(command: string): Refusal {
  return {
    message: `a value that begins with "-" would be an option of "${command}"`,
    hint: (value) => `put -- before it: -- ${value}`,
  };
}

/** A value where the name of a command belongs. */
export const COMMAND_POSITION: Refusal = {
  message: 'a value cannot be the name of a command',
  hint: (value, name) => `write the names out: set ${inEnv(value, name)}, then case "$${name}" in … esac`,
};

/** A command that is only known when the script runs. */
export const UNKNOWN_COMMAND: Refusal = {
  message:
    'which command gets this value is not known before the script runs, so it cannot be told what it does with it',
  hint: viaEnv,
};

/** Words before the value that may vanish, so that it is not known which word the value is. */
export function unsureWords(command: string): Refusal {
  return {
    message: `an expansion without quotes before this value may be no word or several, so it cannot be told what "${command}" does with the value`,
    hint: () => 'put the expansion in double quotes',
  };
}

/** A value where the name of a variable, function or file descriptor belongs. */
export const NAME_POSITION: Refusal = {
  message: 'a value cannot be the name of a variable here: the shell would evaluate what stands in its brackets',
  hint: (value) => `write the name out and use the value as a value: NAME=${value}`,
};

/** A value the shell would calculate with. */
export const ARITHMETIC: Refusal = {
  message: 'the shell would evaluate the value as arithmetic, which can run code',
  hint: (value, name) =>
    `make it an input of type number, or check it first: set ${inEnv(value, name)}, then case "$${name}" in ''|*[!0-9]*) exit 2 ;; esac`,
};

/** A value assigned to a variable that the same script then evaluates. */
export function evaluatedLater(variable: string): Refusal {
  return {
    message: `the value goes into "${variable}", which this script evaluates (arithmetic, eval or as a command)`,
    hint: (value, name) =>
      `check it first: set ${inEnv(value, name)}, then case "$${name}" in ''|*[!0-9]*) exit 2 ;; esac`,
  };
}

/** A value in the format of printf, which could be an option or a conversion. */
export const PRINTF_FORMAT: Refusal = {
  message: 'printf takes its first argument as a format or an option, not as text',
  hint: (value) => `printf '%s' ${value}`,
};

/** A value in the place of an operator of `[`. */
export const TEST_OPERATOR: Refusal = {
  message: 'a value here could be an operator of "[", such as -v, which evaluates what follows',
  hint: (value, name) =>
    `compare with one operator at a time, as in [ ${value} = x ] && [ -n ${value} ]; or ${viaEnv(value, name)} in [[ … ]]`,
};

/** A variable whose value a shell or a program runs. */
export function specialVariable(variable: string): Refusal {
  return {
    message: `what stands in "${variable}" is run as code`,
    hint: () => `write the value of ${variable} out`,
  };
}

/** A here-document whose delimiter is quoted: nothing in it is replaced. */
export const QUOTED_HERE_DOCUMENT: Refusal = {
  message: 'the delimiter of this here-document is quoted, so nothing in it is replaced',
  hint: (value, name) => `take the quotes off the delimiter, or ${viaEnv(value, name)} outside of it`,
};

/** A value in the delimiter of a here-document. */
export const HERE_DOCUMENT_DELIMITER: Refusal = {
  message: 'the delimiter of a here-document cannot be a value',
  hint: () => 'write a word, such as EOF',
};

/** `${!name}`. */
export const INDIRECTION: Refusal = {
  message: 'the shell would take the value as the name of a variable and evaluate it',
  hint: viaEnv,
};

/** `{1..n}`. */
export const BRACE_RANGE: Refusal = {
  message: 'a range in braces is expanded before any value is known',
  hint: (value) => `$(seq 1 ${value})`,
};

/** Quotes within a quoted `${…}`, which shells read differently. */
export const NESTED_QUOTES: Refusal = {
  message: 'shells disagree about quotes within a quoted "${…}"',
  hint: viaEnv,
};

/** Backquotes within backquotes. */
export const NESTED_BACKQUOTES: Refusal = {
  message: 'escaped characters within backquotes hide where the value stands',
  hint: (value) => `write $(… ${value} …) instead of backquotes`,
};

/** `$'…'` in a shell that may not have it. */
export const ANSI_QUOTES: Refusal = {
  message: "not every sh has $'…'",
  hint: (value) => `use "…": "${value}", or shell: bash`,
};

/** `$"…"`. */
export const TRANSLATED_TEXT: Refusal = {
  message: 'the text in $"…" may be replaced by a translation',
  hint: (value) => `leave the dollar sign out: "${value}"`,
};

/** A backslash or dollar sign right before the value would take its quotes apart. */
export const AFTER_ESCAPE: Refusal = {
  message: 'a backslash or dollar sign right before a value would change what stands for it',
  hint: (value) => `put it in quotes of its own, as in '\\'${value}`,
};

/** `{{{ x }}}`. */
export const RAW_INSERT: Refusal = {
  message: 'three braces would put the value into the script as it is; nothing can do that',
  hint: () => 'write two braces: the value gets its quotes by itself',
};

/** A block in a script. */
export const BLOCK: Refusal = {
  message: 'a block cannot be used in a script: the text of a script never depends on a value',
  hint: () => 'use the shell: if [ {{ x }} = y ]; then …; fi',
};

/** A place nothing is known about. */
export const UNDECIDED: Refusal = {
  message: 'it cannot be told how the shell would read a value here',
  hint: viaEnv,
};

/** A template in a script of an interpreter that is no shell. */
export function foreignScript(shell: string): Refusal {
  return {
    message: `a value cannot be put into a script of ${shell}`,
    hint: (value, name) =>
      `set ${inEnv(value, name)} and read ${name} from the environment: ${FROM_ENVIRONMENT.get(shell) ?? '$'}${FROM_ENVIRONMENT.has(shell) ? `["${name}"]` : name}`,
  };
}

const FROM_ENVIRONMENT: ReadonlyMap<string, string> = new Map([
  ['python', 'os.environ'],
  ['node', 'process.env'],
]);
