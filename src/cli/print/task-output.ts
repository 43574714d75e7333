import type { Stream } from '../../model/ports.ts';
import { LineBlocks } from './line-blocks.ts';
import { Tail } from './tail.ts';

/** The output of one attempt on its way to a display: cut into lines per stream, its end remembered. */
export class TaskOutput {
  readonly attempt: number;
  readonly tail = new Tail();
  readonly #streams: Readonly<Record<Stream, LineBlocks>>;

  /** `show` gets whole lines, and may keep them only during the call. */
  constructor(attempt: number, show: (block: Buffer) => void) {
    this.attempt = attempt;
    const emit = (block: Buffer): void => {
      this.tail.append(block);
      show(block);
    };
    this.#streams = { stdout: new LineBlocks(emit), stderr: new LineBlocks(emit) };
  }

  push(stream: Stream, chunk: Uint8Array): void {
    this.#streams[stream].push(chunk);
  }

  /** Ends lines that were never ended. */
  flush(): void {
    this.#streams.stdout.flush();
    this.#streams.stderr.flush();
  }
}
