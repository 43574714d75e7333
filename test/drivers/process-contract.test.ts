import { testDriver } from '../contract/driver.ts';
import { processSubject, remoteProcessSubject } from '../support/process-driver.ts';

testDriver('os_exec', processSubject);
testDriver('os_exec on an executor process', remoteProcessSubject);
