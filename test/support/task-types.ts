import { BUILTIN_TYPES } from '../../src/builtin.ts';
import type { TaskType } from '../../src/model/ports.ts';

/** The task types that tests of the loader know. */
export const TEST_TYPES: ReadonlyMap<string, TaskType> = BUILTIN_TYPES;
