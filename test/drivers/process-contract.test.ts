import { testDriver } from '../contract/driver.ts';
import { processSubject, remoteProcessSubject } from '../support/process-driver.ts';
import { STARTS } from '../support/starts.ts';

for (const { way, fastAfter, skip } of STARTS)
  testDriver(`os_exec, started ${way}`, (t, folder) => processSubject(t, folder, { fastAfter }), skip);
testDriver('os_exec on an executor process', remoteProcessSubject);
