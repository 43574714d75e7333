import type { Assignment, CommandArgument, Word, WordPart } from 'unbash';
import type { Argument } from './argument.ts';
import type { Places } from './places.ts';

/** A word of a command as far as it is known before the script runs. */
export function argumentOf(word: CommandArgument, places: Places): Argument {
  const holds = places.holds(word);
  if (word.type === 'Assignment')
    return { text: null, lead: `${word.name}=`, single: true, holds, assigns: assignmentOf(word) };
  const isKnown = holds === 'nothing' && isLiteral(word.parts);
  if (isKnown) return { text: word.value, lead: word.value, single: true, holds };
  return { text: null, lead: leadOf(word, places), single: isOneWord(word.parts), holds };
}

function assignmentOf(word: Assignment): { readonly name: string; readonly list: boolean } {
  return { name: word.name, list: word.value.type === 'ArrayValue' };
}

function isLiteral(parts: readonly WordPart[] | undefined): boolean {
  return parts === undefined || parts.every(isLiteralPart);
}

function isLiteralPart(part: WordPart): boolean {
  if (part.type === 'DoubleQuoted' || part.type === 'LocaleString') return part.parts.every(isLiteralPart);
  return ['Literal', 'SingleQuoted', 'AnsiCQuoted', 'Glob'].includes(part.type);
}

/** Without quotes an expansion is split; `"$@"` and `"${a[@]}"` are as many words as there are items. */
function isOneWord(parts: readonly WordPart[] | undefined): boolean {
  return (parts ?? []).every((part) => {
    if (part.type === 'DoubleQuoted') return !/\$@|\$\{[@\w]*(?:@|\[@\])/.test(part.text);
    return isLiteralPart(part) && part.type !== 'Glob';
  });
}

/** What the word begins with, whatever its expansions give. */
function leadOf(word: Word, places: Places): string {
  let lead = '';
  for (const part of word.parts ?? [word]) {
    const [marker] = places.within(part);
    if (marker) return lead + unquoted(places.script.text.slice(part.pos, marker.start));
    if (part.type !== 'Word' && !isLiteralPart(part)) return lead;
    lead += 'value' in part ? part.value : unquoted(part.text);
  }
  return lead;
}

/** Text in quotes without them; escapes do not matter for what a word begins with. */
function unquoted(text: string): string {
  return text.replace(/^\$?["']|["']$/g, '');
}
