import { MOST_SECRETS, type SecretSet } from './secret-set.ts';

/**
 * Adds a confidential value to the masks. Returns why that cannot be done, or null: a task whose values cannot be masked
 * must not go on. Values under 4 characters are too short to be masked.
 */
export function protect(masks: SecretSet, value: string): string | null {
  switch (masks.add(value)) {
    case 'too-many':
      return `a run can mask at most ${MOST_SECRETS} confidential values`;
    case 'too-large':
      return 'the confidential values of this run are too large to be masked';
    default:
      return null;
  }
}
