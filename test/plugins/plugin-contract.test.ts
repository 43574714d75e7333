import type { TestContext } from 'node:test';
import { findMarked } from '../../src/executor/process-table.ts';
import type { Driver, DriverIO, Job } from '../../src/model/ports.ts';
import { type DriverSubject, type MakeSubject, testDriver } from '../contract/driver.ts';
import { PluginRig } from '../support/plugin-rig.ts';
import { processJob } from '../support/process-driver.ts';

/** A driver that hands over to a program, which is the task then. */
const HANDING_OVER = `
  const { command } = job.spec;
  return { command: typeof command === 'string' ? ['bash', '-ec', command] : command };
`;

/** An executable that becomes the program; what it prints is no reply, so it goes to descriptor 3. */
const EXECUTABLE = `#!/usr/bin/python3 -I
import json, os, sys
if sys.argv[1] == 'describe':
    print(json.dumps({'api': 1, 'type': 'shell', 'schema': {'type': 'object'}}))
    sys.exit()
command = json.load(sys.stdin)['spec']['command']
os.dup2(3, 1)
os.close(3)
os.dup2(os.open('/dev/null', os.O_RDONLY), 0)
env = {name: value for name, value in os.environ.items() if name not in ('PWD', 'LC_CTYPE')}
argv = ['bash', '-ec', command] if isinstance(command, str) else command
os.execvpe(argv[0], argv, env)
`;

testDriver(
  'a plugin that hands over',
  subject((rig) => rig.writeDriver('shell', HANDING_OVER)),
);
testDriver(
  'an executable plugin',
  subject((rig) => rig.write('shell', EXECUTABLE, 0o755)),
);

function subject(write: (rig: PluginRig) => void): MakeSubject {
  return (t: TestContext, folder: string): DriverSubject => {
    const rig = new PluginRig(t, folder);
    write(rig);
    const loaded = rig.load().then((set) => rig.driver(set, 'shell'));
    const driver: Driver = {
      type: 'shell',
      templates: {},
      validate: () => [],
      run: async (job: Job, io: DriverIO) => (await loaded).run(job, io),
    };
    return {
      driver,
      job: (command) => processJob(folder, command, { type: 'shell' }),
      strays: (job) => findMarked(`RUNNER_TASK_ID=${job.env.RUNNER_TASK_ID}`).map(String),
    };
  };
}
