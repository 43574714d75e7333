import { join } from 'node:path';
import { LevelDatabase } from '../../src/store/level-database.ts';
import { Vault } from '../../src/util/vault.ts';
import { databaseContract, type OpenDatabase } from '../contract/database.ts';
import { stateContract } from '../contract/state-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const open: OpenDatabase = async (t) => {
  const { database } = await LevelDatabase.open(join(temporaryFolder(t), 'db'), new Vault(Buffer.alloc(32, 7)));
  t.after(() => database.close());
  return database;
};

databaseContract('level database', open);
stateContract('state in a level database', open);
