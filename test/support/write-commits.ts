import { DatabaseRefusal } from '../../src/store/database-refusal.ts';
import { LevelDatabase } from '../../src/store/level-database.ts';
import { Vault } from '../../src/util/vault.ts';

// Writes to the database of a folder, from a number on and up to another, each commit two keys of one number, three at a time.
// Says `open` or why not, and each number once it is acknowledged.
const [folder = '', from = '0', end = 'Infinity'] = process.argv.slice(2);
try {
  const { database } = await LevelDatabase.open(folder, new Vault(Buffer.alloc(32, 7)));
  process.stdout.write('open\n');
  let next = Number(from);
  const writer = async () => {
    while (next < Number(end)) {
      const number = next++;
      const value = String(number).repeat(50);
      await database.commit(['a', 'b'].map((table) => ({ key: `${table}/${number}`, value })));
      process.stdout.write(`${number}\n`);
    }
  };
  await Promise.all([writer(), writer(), writer()]);
  await database.close();
} catch (error) {
  if (!(error instanceof DatabaseRefusal)) throw error;
  process.stdout.write(`${error.code}\n`);
}
