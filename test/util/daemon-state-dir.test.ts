import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { daemonStateDir } from '../../src/util/daemon-state-dir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a state directory that is named wins, relative to where we are', (t) => {
  const system = temporaryFolder(t);
  const env = { RUNNER_HOME: '/home-of-runner', HOME: '/home/kim' };
  assert.equal(daemonStateDir('state', env, '/work', system), '/work/state');
  assert.equal(daemonStateDir(undefined, env, '/work', system), '/home-of-runner');
  assert.equal(daemonStateDir(undefined, { RUNNER_HOME: 'here' }, '/work', system), '/work/here');
});

test('the state directory of the service is taken by who may use it', (t) => {
  const system = temporaryFolder(t);
  assert.equal(daemonStateDir(undefined, { HOME: '/home/kim', RUNNER_HOME: '' }, '/', system), system);
});

test('else it is below the user’s state folder', (t) => {
  const system = join(temporaryFolder(t), 'not-there');
  const place = (env: Readonly<Record<string, string>>) => daemonStateDir(undefined, env, '/', system);
  assert.equal(place({ HOME: '/home/kim' }), '/home/kim/.local/state/runner');
  assert.equal(place({ HOME: '/home/kim', XDG_STATE_HOME: '/state' }), '/state/runner');
  assert.equal(place({ HOME: '/home/kim', XDG_STATE_HOME: 'relative' }), '/home/kim/.local/state/runner');
});
