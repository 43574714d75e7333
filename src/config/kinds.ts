import { isAbsolute, resolve } from 'node:path';
import { formatDuration, parseDuration } from '../util/duration.ts';
import { formatSize, parseSize } from '../util/size.ts';
import { type Address, isHost, parseAddress } from './address.ts';

/** A value, or what it must be (`must be …`) with a hint. Never repeats a value that may be secret. */
export type Reading<T> = { readonly value: T } | { readonly problem: string; readonly hint?: string };

/** How the text of a setting is read. */
export interface Kind<T> {
  /** `base` is the folder that relative paths start from. */
  read(texts: readonly string[], base: string): Reading<T>;
  /** What stands between the items in one variable of the environment; null for kinds of one value. */
  readonly separator: string | null;
  /** Values are never repeated in messages. */
  readonly isSecret: boolean;
}

/** A folder, as it was written and as an absolute path. */
export interface Folder {
  readonly path: string;
  readonly shownAs: string;
}

export const FOLDER: Kind<Folder> = single((text, base) => {
  const isUsable = text.trim() !== '' && !text.includes('\0');
  const path = isAbsolute(text) ? text : resolve(base, text);
  return isUsable ? { value: { path, shownAs: text } } : { problem: 'must be the path of a folder' };
});

/** The absolute path of a file. */
export const FILE: Kind<string> = single((text, base) => {
  const isUsable = text.trim() !== '' && !text.includes('\0');
  return isUsable ? { value: resolve(base, text) } : { problem: 'must be the path of a file' };
});

/** Absolute paths. */
export const PATHS: Kind<readonly string[]> = {
  separator: ':',
  isSecret: false,
  read: (texts) => {
    const wrong = texts.find((text) => !isAbsolute(text) || text.includes('\0'));
    return wrong === undefined ? { value: texts } : { problem: `must hold absolute paths, not "${wrong}"` };
  },
};

/** Names of npm packages. */
export const PACKAGES: Kind<readonly string[]> = {
  separator: ',',
  isSecret: false,
  read: (texts) => {
    const names = texts.map((text) => text.trim());
    const wrong = names.find((name) => !/^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/.test(name));
    return wrong === undefined ? { value: names } : { problem: `must hold names of npm packages, not "${wrong}"` };
  },
};

export const ADDRESS: Kind<Address> = single((text) => {
  const value = parseAddress(text);
  const hint = 'for example 127.0.0.1:8420 or [::1]:8420; ports go up to 65535';
  return value === null ? { problem: `must be HOST:PORT, not "${text}"`, hint } : { value };
});

export const HOST_NAMES: Kind<readonly string[]> = {
  separator: ',',
  isSecret: false,
  read: (texts) => {
    const names = texts.map((text) => text.trim().toLowerCase());
    const wrong = names.find((name) => !isHost(name));
    if (wrong === undefined) return { value: names };
    return { problem: `must hold names of hosts, not "${wrong}"`, hint: 'without scheme and port: ci.example.org' };
  },
};

/** One secret, or two while it is being changed. */
export const WEBHOOK_SECRETS: Kind<readonly string[]> = {
  separator: null,
  isSecret: true,
  read: (texts) => {
    if (texts.length === 0 || texts.length > 2) return { problem: 'must be one text or a list of two' };
    const isLong = texts.every((text) => text.trim().length >= LEAST_SECRET);
    if (isLong) return { value: texts };
    return { problem: `must have at least ${LEAST_SECRET} characters`, hint: 'make one with `openssl rand -hex 32`' };
  },
};

const LEAST_SECRET = 16;

export const FLAG: Kind<boolean> = single((text) => {
  if (text === 'true' || text === 'false') return { value: text === 'true' };
  return { problem: `must be true or false, not "${text}"` };
});

export const USER: Kind<string> = single((text) => {
  const isName = /^[a-z_][a-z0-9_-]{0,31}$/i.test(text);
  return isName ? { value: text } : { problem: `must be the name of a user, not "${text}"` };
});

/** A whole number. */
export function count(least: number, most: number): Kind<number> {
  return single((text) => {
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return { value };
    return { problem: `must be a whole number from ${least} to ${most}, not "${text}"` };
  });
}

/** Milliseconds, from durations such as `90s`. */
export function duration(least: string, most: string): Kind<number> {
  return bounded(parseDuration, formatDuration, 'a duration such as 90s or 1h30m', least, most);
}

/** Bytes, from sizes such as `512MiB`. */
export function size(least: string, most: string): Kind<number> {
  return bounded(parseSize, formatSize, 'a size such as 64KiB or 2GiB', least, most);
}

/** One of a few words. */
export function choice<T extends string>(words: readonly T[]): Kind<T> {
  return single((text) => {
    const value = words.find((word) => word === text);
    return value === undefined ? { problem: `must be one of ${words.join(', ')}, not "${text}"` } : { value };
  });
}

function bounded(
  parse: (text: string) => number | null,
  format: (value: number) => string,
  what: string,
  least: string,
  most: string,
): Kind<number> {
  const [low, high] = [parse(least) ?? 0, parse(most) ?? 0];
  return single((text) => {
    const value = parse(text);
    if (value === null) return { problem: `must be ${what}, not "${text}"` };
    if (value < low) return { problem: `must be at least ${least}, not ${format(value)}` };
    return value > high ? { problem: `must be at most ${most}, not ${format(value)}` } : { value };
  });
}

function single<T>(read: (text: string, base: string) => Reading<T>): Kind<T> {
  return {
    separator: null,
    isSecret: false,
    read: ([text = '', ...more], base) =>
      more.length > 0 ? { problem: 'must be one value, not a list' } : read(text, base),
  };
}
