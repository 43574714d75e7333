import type { TemplateHelper } from '../model/extension.ts';
import { type HelperAnswer, type HelperQuestion, type KnownAnswers, UnansweredHelper } from '../model/template.ts';

/** Most different questions the tasks of one run may ask. */
const MOST_QUESTIONS = 10_000;

/**
 * What the helpers of plugins have said in one run. Rendering waits for nobody: where an answer is missing it stops, the helper is
 * asked, and the same rendering is done again. Helpers are pure, so each question is asked once.
 */
export class HelperAnswers implements KnownAnswers {
  readonly #helpers: ReadonlyMap<string, TemplateHelper>;
  readonly #answers = new Map<string, HelperAnswer>();
  readonly #asking = new Map<string, Promise<void>>();

  constructor(helpers: ReadonlyMap<string, TemplateHelper>) {
    this.#helpers = helpers;
  }

  answerTo(question: HelperQuestion): HelperAnswer | undefined {
    return this.#answers.get(keyOf(question));
  }

  /** Does what renders, asking in between whatever helpers it needs. Rejects with what `render` throws otherwise. */
  async whileAsking<T>(render: () => T): Promise<T> {
    for (;;) {
      try {
        return render();
      } catch (error) {
        if (!(error instanceof UnansweredHelper)) throw error;
        await this.ask(error.question);
      }
    }
  }

  /** Resolves once there is an answer, which may be that there is none. */
  ask(question: HelperQuestion): Promise<void> {
    const key = keyOf(question);
    const asking = this.#asking.get(key) ?? this.#askNow(key, question);
    this.#asking.set(key, asking);
    return asking;
  }

  async #askNow(key: string, { helper, values }: HelperQuestion): Promise<void> {
    try {
      if (this.#asking.size >= MOST_QUESTIONS)
        throw new Error(`a run may ask no more than ${MOST_QUESTIONS} questions`);
      const ask = this.#helpers.get(helper);
      if (!ask) throw new Error('its plugin cannot be used');
      this.#answers.set(key, { value: await ask(values) });
    } catch (error) {
      this.#answers.set(key, { problem: error instanceof Error ? error.message : String(error) });
    }
  }
}

function keyOf({ helper, values }: HelperQuestion): string {
  return JSON.stringify([helper, values]);
}
