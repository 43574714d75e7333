/** What a unit is made for. All paths absolute. */
export interface UnitOptions {
  /** The program and its first arguments: Node and the daemon's own file. */
  readonly program: readonly [string, ...string[]];
  /** Who the daemon runs as; made beforehand. */
  readonly user: string;
  /** Who tasks run as; null is the same user. */
  readonly taskUser: string | null;
  /** The name of the folder below /var/lib that holds the state. */
  readonly stateName: string;
  readonly workflows: string;
  /** A config file that root owns; the daemon gets a copy that nobody else can read. */
  readonly config: string | null;
  /** Folders besides the state that tasks may write to. */
  readonly writable: readonly string[];
  /** How long a stop waits for runs to end by themselves, and then for tasks that are told to end, in ms. */
  readonly drainMs: number;
  readonly graceMs: number;
}

/** Seconds a stop may take beyond what runs get, to write everything down. */
const SPARE_SECONDS = 30;

/** The text of a hardened systemd unit. `docs/systemd.md` says what each part is for. */
export function systemdUnit(options: UnitOptions): string {
  const sections = [
    ['Unit', unitSection()],
    ['Service', [...serviceSection(options), ...SANDBOX, ...rights(options), ...pathRules(options)]],
    ['Install', ['WantedBy=multi-user.target']],
  ] as const;
  return sections.map(([name, lines]) => `[${name}]\n${lines.join('\n')}\n`).join('\n');
}

function unitSection(): string[] {
  return [
    'Description=Runner: watches workflows, fires them, loses nothing',
    'Wants=network-online.target',
    'After=network-online.target',
    'StartLimitIntervalSec=300',
    'StartLimitBurst=10',
  ];
}

function serviceSection(options: UnitOptions): string[] {
  const { user, taskUser, stateName, drainMs, graceMs } = options;
  return [
    'Type=notify',
    // Tells come from a short-lived program, as Node cannot speak to systemd itself.
    'NotifyAccess=all',
    `ExecStart=${command(options)}`,
    'ExecReload=/bin/kill -HUP $MAINPID',
    `User=${user}`,
    ...stateFolder(stateName, taskUser),
    `WorkingDirectory=/var/lib/${stateName}`,
    'Restart=on-failure',
    'RestartSec=2',
    // A daemon that hangs is ended and started again; tasks go on meanwhile.
    'WatchdogSec=5min',
    // A wrong command line, or another daemon on the same state: to try again does not help.
    'RestartPreventExitStatus=2 3',
    'TimeoutStartSec=300',
    `TimeoutStopSec=${Math.ceil((drainMs + graceMs) / 1000) + SPARE_SECONDS}`,
    // The daemon alone is told to stop. The executor stays with the tasks, and the next start takes them up.
    'KillMode=process',
    'OOMPolicy=continue',
    'Delegate=yes',
    'TasksMax=8192',
    'MemoryMax=80%',
    'LimitNOFILE=524288',
    'UMask=0077',
  ];
}

/** systemd puts the mode back at each start: it must be the one the daemon gives it, or tasks that go on lose their way. */
function stateFolder(stateName: string, taskUser: string | null): string[] {
  if (taskUser !== null) {
    return [`StateDirectory=${stateName}`, 'StateDirectoryMode=0711', `Environment=RUNNER_OS_EXEC_USER=${taskUser}`];
  }
  return [
    `StateDirectory=${stateName} ${stateName}/tmp`,
    'StateDirectoryMode=0700',
    // What tasks keep there outlives a restart, as they do themselves; a private /tmp does not.
    `Environment=TMPDIR=/var/lib/${stateName}/tmp`,
  ];
}

/** Those it takes to start, find and end processes of another user, and to give and take away its files; tasks get none. */
const OTHER_USER_RIGHTS = [
  'CAP_SETUID',
  'CAP_SETGID',
  'CAP_KILL',
  'CAP_CHOWN',
  'CAP_FOWNER',
  'CAP_DAC_OVERRIDE',
  'CAP_SYS_PTRACE',
].join(' ');

function rights({ taskUser }: UnitOptions): string[] {
  const names = taskUser === null ? '' : OTHER_USER_RIGHTS;
  return [`CapabilityBoundingSet=${names}`, `AmbientCapabilities=${names}`];
}

// MemoryDenyWriteExecute would keep V8 from compiling, ProtectControlGroups and Delegate exclude each other.
const SANDBOX: readonly string[] = [
  'NoNewPrivileges=yes',
  'ProtectSystem=strict',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'ProtectProc=invisible',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'KeyringMode=private',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallErrorNumber=EPERM',
];

/** Homes are hidden, unless something that is needed stands there. */
function pathRules({ program, workflows, config, writable }: UnitOptions): string[] {
  const needed = [...program, workflows, ...writable];
  return [
    `ProtectHome=${needed.some(isInHome) ? 'read-only' : 'yes'}`,
    ...writable.map((path) => `ReadWritePaths=${quoted(specifierFree(path))}`),
    ...(config === null ? [] : [`LoadCredential=config.yml:${specifierFree(config)}`]),
  ];
}

function command({ program, stateName, workflows, config, drainMs }: UnitOptions): string {
  const state = `/var/lib/${stateName}`;
  const args = [...program, '--workflows', workflows, '--state-dir', state, '--drain', `${drainMs}ms`];
  const written = args.map((word) => quoted(specifierFree(word).replaceAll('$', '$$$$')));
  return [...written, ...(config === null ? [] : ['--config', '%d/config.yml'])].join(' ');
}

function isInHome(path: string): boolean {
  return /^\/(?:home|root|run\/user)(?:\/|$)/.test(path);
}

function specifierFree(text: string): string {
  return text.replaceAll('%', '%%');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./$-]+$/.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&')}"`;
}

/** Why options cannot be written into a unit, or null. */
export function unitProblem(options: UnitOptions): string | null {
  const { program, user, taskUser, stateName, workflows, config, writable } = options;
  for (const name of [user, ...(taskUser === null ? [] : [taskUser])]) {
    if (!/^[a-z_][a-z0-9_-]{0,30}$/.test(name)) return `"${name}" is not the name of a user`;
  }
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(stateName)) return `"${stateName}" is not the name of a folder`;
  for (const path of [...program, workflows, ...(config === null ? [] : [config]), ...writable]) {
    if (/\p{Cc}/u.test(path)) return `the path ${JSON.stringify(path)} cannot stand in a unit`;
  }
  return config !== null && /[\s:]/.test(config)
    ? `the path ${config} of the config file may hold no space or colon`
    : null;
}
