import { MemoryDatabase } from '../../src/store/memory-database.ts';
import { databaseContract } from '../contract/database.ts';

databaseContract('memory database', async () => new MemoryDatabase());
