const RUN_AS_CODE = new Set(
  [
    'PS0 PS1 PS2 PS4 PROMPT_COMMAND BASH_ENV ENV SHELLOPTS BASHOPTS LD_PRELOAD LD_AUDIT DYLD_INSERT_LIBRARIES',
    'NODE_OPTIONS PERL5OPT PERL5DB PYTHONSTARTUP RUBYOPT JAVA_TOOL_OPTIONS',
    'GIT_SSH_COMMAND GIT_EXTERNAL_DIFF GIT_PAGER GIT_EDITOR LESSOPEN LESSCLOSE',
  ].flatMap((names) => names.split(' ')),
);

/** Whether a shell or a common program runs what stands in the variable of this name. */
export function runsItsValue(name: string): boolean {
  return RUN_AS_CODE.has(name);
}
