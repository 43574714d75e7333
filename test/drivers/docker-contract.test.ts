import { testDriver } from '../contract/driver.ts';
import { dockerSkip, dockerSubject } from '../support/docker.ts';

testDriver('docker', dockerSubject, await dockerSkip());
