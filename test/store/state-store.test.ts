import { MemoryDatabase } from '../../src/store/memory-database.ts';
import { stateContract } from '../contract/state-store.ts';

stateContract('state in memory', async () => new MemoryDatabase());
