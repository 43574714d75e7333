import { DatabaseRefusal } from '../store/database-refusal.ts';
import { readKeyFile } from '../store/key-file.ts';
import { LevelDatabase, type OpenedDatabase } from '../store/level-database.ts';
import { Vault } from '../util/vault.ts';
import { findDaemon } from './find-daemon.ts';
import { openStateFolder, readInstance, readToken, type StateFolder } from './state-folder.ts';

/** Why a daemon does not start, and with which code it exits (DESIGN section 5). */
export class StartRefusal extends Error {
  readonly exitCode: 2 | 3 | 4;

  constructor(exitCode: 2 | 3 | 4, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What a daemon finds when it opens its state folder. */
export interface OpenedState extends OpenedDatabase {
  readonly folder: StateFolder;
  readonly vault: Vault;
  readonly token: string;
  /** Marks what this daemon makes outside its folder. */
  readonly instance: string;
}

/** Opens the state folder; the lock of the database sees to it that only one daemon does. @throws {StartRefusal} */
export async function openState(path: string): Promise<OpenedState> {
  const folder = openStateFolder(path);
  if (typeof folder === 'string') throw new StartRefusal(2, folder);
  const vault = new Vault(readKeyFile(folder.keyFile));
  const token = readToken(folder.tokenFile);
  const instance = readInstance(folder.instanceFile);
  try {
    return { folder, vault, token, instance, ...(await LevelDatabase.open(folder.database, vault)) };
  } catch (error) {
    if (!(error instanceof DatabaseRefusal)) throw error;
    if (error.code !== 'LEVEL_LOCKED') throw new StartRefusal(2, error.message);
    throw new StartRefusal(3, await secondDaemon(folder));
  }
}

async function secondDaemon({ path, socket }: StateFolder): Promise<string> {
  const pid = await findDaemon(socket);
  const who = pid === null ? 'another process' : `the daemon with pid ${pid}`;
  return `${who} has the state folder ${path} open`;
}
