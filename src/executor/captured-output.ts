import type { Capture, Clock, Stream } from '../model/ports.ts';
import { type LogWriter, openLog } from '../util/log/log-writer.ts';
import type { MaskStream } from '../util/mask/mask-stream.ts';
import { protect } from '../util/mask/protect.ts';
import { SecretSet } from '../util/mask/secret-set.ts';
import { OutputPeek } from '../util/peek-outputs.ts';

/** What must not show, by run. Grows with each request, and with what tasks write to their output files. */
export class RunMasks {
  readonly #runs = new Map<string, SecretSet>();

  /** The masks of a run, with what the capture brings; in words, when a value cannot be masked. */
  of({ runId, secrets }: Capture): SecretSet | string {
    const masks = this.#runs.get(runId) ?? new SecretSet();
    this.#runs.set(runId, masks);
    for (const secret of secrets) {
      const problem = protect(masks, secret);
      if (problem !== null) return problem;
    }
    return masks;
  }

  /** Forgets the masks of a run; output that is still being written keeps them. */
  release(runId: string): void {
    this.#runs.delete(runId);
  }
}

/** The output of one attempt on its way to its log: masked first, then written. */
export class CapturedOutput {
  readonly #peek: OutputPeek;
  readonly #masked: Readonly<Record<Stream, MaskStream>>;
  readonly #log: LogWriter;
  readonly #refuse: (problem: string) => void;
  #isRefused = false;

  /** `refuse` is told, once, why a value the task has written cannot be masked; nothing is kept from then on. */
  constructor(capture: Capture, masks: SecretSet, clock: Clock, refuse: (problem: string) => void) {
    this.#peek = new OutputPeek(capture, capture.confidential, masks);
    this.#masked = { stdout: masks.stream(), stderr: masks.stream() };
    this.#log = openLog(capture.logPath, { maxBytes: capture.maxLogBytes, now: () => clock.now() });
    this.#refuse = refuse;
  }

  write(stream: Stream, chunk: Uint8Array): void {
    if (this.#isRefused) return;
    const problem = this.#peek.look();
    if (problem === null) this.#keep(stream, this.#masked[stream].push(chunk));
    else {
      this.#isRefused = true;
      this.#refuse(problem);
    }
  }

  /** Writes what was held back. Returns remarks about the log, such as dropped bytes. */
  close(): readonly string[] {
    for (const stream of ['stdout', 'stderr'] as const) this.#keep(stream, this.#masked[stream].flush());
    return this.#log.close().notes;
  }

  #keep(stream: Stream, bytes: Uint8Array): void {
    if (bytes.length > 0) this.#log.write(stream, bytes);
  }
}
