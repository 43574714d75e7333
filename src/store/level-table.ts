import { crc32c } from '../util/crc32c.ts';

/** Where a block of a table is; its kind (1 byte) and checksum (4) follow it. */
interface Block {
  readonly offset: number;
  readonly size: number;
}

const MAGIC = Buffer.from('57fb808b247547db', 'hex');
/** Two places, each two numbers of at most 10 bytes, and the magic number. */
const FOOTER_BYTES = 48;

/** Whether a file ends as a table of LevelDB does; the end is written last. */
export function endsAsTable(bytes: Buffer): boolean {
  return bytes.length >= FOOTER_BYTES && bytes.subarray(-MAGIC.length).equals(MAGIC);
}

/**
 * Whether every block of a table is as it was written. LevelDB itself checks no checksums when it reads: over a damaged block it may
 * miss a key, or end the process.
 */
export function isTableWhole(bytes: Buffer): boolean {
  if (!endsAsTable(bytes)) return false;
  try {
    const footer = new Cursor(bytes.subarray(-FOOTER_BYTES));
    // Of what lies beside the data, which is the filter that says which keys are not there; and of the data.
    const indexes = [footer.block(), footer.block()].map((block) => blockContents(bytes, block));
    return indexes.every((index) => index && blocksOf(index).every((block) => blockContents(bytes, block)));
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** A block with the right checksum, or null. We write none that is compressed. */
function blockContents(bytes: Buffer, { offset, size }: Block): Buffer | null {
  const block = bytes.subarray(offset, offset + size + 1);
  const stored = bytes.readUInt32LE(offset + size + 1);
  return unmasked(stored) === crc32c(block) && block[size] === 0 ? block.subarray(0, size) : null;
}

/** LevelDB stores checksums turned and moved. */
function unmasked(stored: number): number {
  const turned = (stored - 0xa282ead8) >>> 0;
  return ((turned >>> 17) | (turned << 15)) >>> 0;
}

/** The blocks an index lists; after its entries it has places to begin reading, and their number. */
function blocksOf(index: Buffer): Block[] {
  const end = index.length - 4 - 4 * index.readUInt32LE(index.length - 4);
  const cursor = new Cursor(index);
  const blocks: Block[] = [];
  while (cursor.position < end) {
    cursor.number();
    const keyBytes = cursor.number();
    cursor.number();
    cursor.position += keyBytes;
    blocks.push(cursor.block());
  }
  return blocks;
}

/** Reads LevelDB's numbers of variable length. @throws RangeError at the end of the bytes */
class Cursor {
  position = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  block(): Block {
    return { offset: this.number(), size: this.number() };
  }

  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes.readUInt8(this.position++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }
}
