import { testDriver } from '../contract/driver.ts';
import { processSubject } from '../support/process-driver.ts';

testDriver('os_exec', processSubject);
