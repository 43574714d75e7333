/**
 * The command line of a script in a container, whose shells we do not know. The text of the first item is ours alone; the script
 * travels as an argument of its own.
 */
export function scriptArgv(script: string, shell: string): readonly string[] {
  switch (shell) {
    case 'default':
      return ['sh', '-c', BASH_OR_SH, 'sh', script];
    case 'bash':
      return ['bash', '-eo', 'pipefail', '-c', script];
    case 'sh':
    case 'dash':
      return [shell, '-e', '-c', script];
    case 'python':
      return ['sh', '-c', PYTHON, 'sh', script];
    case 'node':
      return ['node', '-e', script];
    default:
      throw new Error(`Internal error: unknown shell "${shell}"`);
  }
}

const BASH_OR_SH = 'command -v bash >/dev/null 2>&1 && exec bash -eo pipefail -c "$1"; exec sh -e -c "$1"';

/** Some images have no `python`; others have no `python3`. */
const PYTHON = 'command -v python3 >/dev/null 2>&1 && exec python3 -c "$1"; exec python -c "$1"';
