import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MASK, MOST_SECRETS, SecretSet } from '../../../src/util/mask/secret-set.ts';
import { isLongEnough, variantsOf } from '../../../src/util/mask/variants.ts';

function secretSet(...values: string[]): SecretSet {
  const secrets = new SecretSet();
  for (const value of values) secrets.add(value);
  return secrets;
}

function masked(secrets: SecretSet, chunks: readonly Uint8Array[]): Buffer {
  const stream = secrets.stream();
  return Buffer.concat([...chunks.map((chunk) => Buffer.from(stream.push(chunk))), stream.flush()]);
}

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const length of lengths) {
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return [...chunks, bytes.subarray(at)];
}

describe('adding secrets', () => {
  test('a value under four characters is reported and not masked', () => {
    const secrets = new SecretSet();
    assert.equal(secrets.add('abc'), 'too-short');
    assert.equal(secrets.add(''), 'too-short');
    assert.equal(secrets.maskText('abc'), 'abc');
  });

  test('a value added again is known', () => {
    const secrets = new SecretSet();
    assert.equal(secrets.add('hunter2'), 'added');
    assert.equal(secrets.add('hunter2'), 'known');
  });

  test('more than the limit is refused, and those before it stay masked', () => {
    const secrets = new SecretSet();
    for (let index = 0; index < MOST_SECRETS; index++) assert.equal(secrets.add(`secret-${index}-x`), 'added');
    assert.equal(secrets.add('one more'), 'too-many');
    assert.equal(secrets.maskText('secret-0-x one more'), `${MASK} one more`);
  });

  test('what would take too much memory is refused', () => {
    assert.equal(new SecretSet().add('a "b"\n'.repeat(50_000)), 'too-large');
  });
});

describe('masking a text', () => {
  test('a secret and its encodings are replaced', () => {
    const secrets = secretSet('hunter2!');
    const text = 'a hunter2! b aHVudGVyMiE= c hunter2%21 d 68756e7465723221';
    assert.equal(secrets.maskText(text), 'a *** b *** c *** d ***');
  });

  test('the password in a basic authorization header is replaced', () => {
    const header = Buffer.from('user:hunter2!').toString('base64');
    assert.match(secretSet('hunter2!').maskText(`Basic ${header}`), /^Basic dXNlc.{0,2}\*\*\*$/);
  });

  test('secrets that overlap, contain or follow each other leave nothing of any', () => {
    const secrets = secretSet('abcdef', 'defghi', 'abcdefghijkl', 'cdef');
    assert.equal(secrets.maskText('xabcdefghix'), 'x***x');
    assert.equal(secrets.maskText('xabcdefghijklx'), 'x***x');
    assert.equal(secrets.maskText('xcdefxabcdefghijk'), 'x***x***jk');
    assert.equal(secretSet('aaaa').maskText('baaaaaaab'), 'b***b');
    assert.equal(secretSet('abcd').maskText('abcdabcd'), '******');
  });

  test('a secret within the beginning of a longer one is replaced when that does not come', () => {
    const secrets = secretSet('cdef', 'abcdefgh', 'zzabcd!');
    assert.equal(secrets.maskText('abcdefgx'), 'ab***gx');
    assert.equal(secrets.maskText('zzabcdefgh'), 'zz***');
  });

  test('each long line of a key is replaced, also when lines are ended or spaced in another way', () => {
    const secrets = secretSet('-----BEGIN KEY-----\nMIIEvgIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n');
    assert.equal(secrets.maskText('1: MIIEvgIBADANBg\r\n2:   kqhkiG9w0BAQEF\r\n'), '1: ***\r\n2:   ***\r\n');
  });

  test('without a secret in it the very text comes back', () => {
    const text = 'half of a pair \ud800 and hunter';
    assert.equal(secretSet('hunter2').maskText(text), text);
  });

  test('a text is known to contain a secret in any form', () => {
    const secrets = secretSet('hunter2');
    assert.equal(secrets.containsSecret(`x${Buffer.from('hunter2').toString('hex')}x`), true);
    assert.equal(secrets.containsSecret('hunter 2'), false);
    assert.equal(new SecretSet().containsSecret('anything'), false);
  });
});

describe('masking a stream', () => {
  test('without secrets the same chunk comes back', () => {
    const chunk = Buffer.from('text');
    assert.equal(new SecretSet().stream().push(chunk), chunk);
  });

  test('bytes without a secret are not copied', () => {
    const chunk = Buffer.from('some plain text\n');
    assert.equal(secretSet('hunter2').stream().push(chunk).buffer, chunk.buffer);
  });

  test('only what may be the beginning of a secret is held back', () => {
    const stream = secretSet('hunter2').stream();
    assert.equal(Buffer.from(stream.push(Buffer.from('I am the hun'))).toString(), 'I am the ');
    assert.equal(stream.push(Buffer.from('te')).length, 0);
    assert.equal(Buffer.from(stream.push(Buffer.from('d'))).toString(), 'hunted');
    assert.equal(Buffer.from(stream.push(Buffer.from('hunter2'))).toString(), MASK);
  });

  test('what was held back comes at the end', () => {
    const stream = secretSet('hunter2', 'hunter2-longer').stream();
    stream.push(Buffer.from('hunter2-l'));
    assert.equal(Buffer.from(stream.flush()).toString(), `${MASK}-l`);
    assert.equal(stream.flush().length, 0);
  });

  test('a mask that has been given out is not given out again when the secret turns out longer', () => {
    const stream = secretSet('abcdef', 'efghij').stream();
    assert.equal(Buffer.from(stream.push(Buffer.from('-abcdef'))).toString(), `-${MASK}`);
    assert.equal(stream.push(Buffer.from('ghi')).length, 0);
    assert.equal(Buffer.from(stream.push(Buffer.from('j-'))).toString(), '-');
  });

  test('a stream made before a secret was added hides it, also what it holds back of it', () => {
    const secrets = secretSet('token-one');
    const stream = secrets.stream();
    const first = Buffer.from(stream.push(Buffer.from('secret-two tok'))).toString();
    secrets.add('secret-two');
    secrets.add('token-three');
    const rest = Buffer.concat([stream.push(Buffer.from('en-three secret-two')), stream.flush()]).toString();
    assert.equal(first + rest, 'secret-two *** ***');
  });

  test('bytes that are hidden stay so when a shorter secret is added that they begin with', () => {
    const secrets = secretSet('abcdefgh', 'cdefghij');
    const stream = secrets.stream();
    assert.equal(Buffer.from(stream.push(Buffer.from('abcdefgh'))).toString(), MASK);
    secrets.add('cdef');
    assert.equal(Buffer.from(stream.push(Buffer.from('x'))).toString(), 'x');
  });

  test('two streams do not see each other', () => {
    const secrets = secretSet('hunter2');
    const [out, err] = [secrets.stream(), secrets.stream()];
    assert.equal(Buffer.from(out.push(Buffer.from('hunt'))).toString(), '');
    assert.equal(Buffer.from(err.push(Buffer.from('er2'))).toString(), 'er2');
    assert.equal(Buffer.from(out.flush()).toString(), 'hunt');
  });
});

/** Few letters, so that secrets overlap, repeat and nearly match all the time. */
const word = (minLength: number) =>
  fc
    .array(fc.constantFrom('a', 'b', 'A', '"', '\n', '%'), { minLength, maxLength: 12 })
    .map((letters) => letters.join(''));
const secret = word(4).filter(isLongEnough);
const lengths = fc.array(fc.nat(9), { maxLength: 40 });

describe('properties', () => {
  test('no form of a secret is left, whatever the chunks', () => {
    const secretsAndText = fc.array(secret, { minLength: 1, maxLength: 4 }).chain((secrets) => {
      const forms = secrets.flatMap((secret) => variantsOf(secret).map((form) => form.toString()));
      const part = fc.oneof(fc.constantFrom(...forms), word(0));
      return fc.tuple(fc.constant(secrets), fc.constant(forms), fc.array(part, { maxLength: 8 }));
    });
    fc.assert(
      fc.property(secretsAndText, lengths, ([values, forms, parts], sizes) => {
        const result = masked(secretSet(...values), cut(Buffer.from(parts.join('')), sizes)).toString();
        for (const form of forms) assert.ok(!result.includes(form));
      }),
      { numRuns: 500 },
    );
  });

  test('the whole and its pieces are masked alike, and as a plain search would', () => {
    fc.assert(
      fc.property(fc.array(secret, { maxLength: 4 }), fc.array(word(0)), lengths, (values, parts, sizes) => {
        const text = Buffer.from([...parts, ...values, ...parts].join(''));
        const secrets = secretSet(...values);
        const whole = masked(secrets, [text]);
        assert.deepEqual(masked(secrets, cut(text, sizes)), whole);
        assert.equal(whole.toString('latin1'), plainlyMasked(text, values));
      }),
      { numRuns: 500 },
    );
  });

  test('bytes without a secret pass unchanged', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 5 }).filter(isLongEnough)), bytes, lengths, (values, text, sizes) => {
        const secrets = secretSet(...values);
        fc.pre(!holdsAny(Buffer.from(text), values));
        assert.deepEqual(masked(secrets, cut(text, sizes)), Buffer.from(text));
      }),
    );
  });

  test('secrets added on the way leave nothing of them in what comes later', () => {
    fc.assert(
      fc.property(secret, secret, lengths, (first, second, sizes) => {
        const secrets = secretSet(first);
        const stream = secrets.stream();
        for (const chunk of cut(Buffer.from(first + second.slice(0, 2)), sizes)) stream.push(chunk);
        const settled = stream.flush();
        secrets.add(second);
        const rest = cut(Buffer.from(second + first + second), sizes).map((chunk) => Buffer.from(stream.push(chunk)));
        const result = Buffer.concat([settled, ...rest, stream.flush()])
          .subarray(settled.length)
          .toString();
        for (const form of [...variantsOf(first), ...variantsOf(second)]) assert.ok(!result.includes(form.toString()));
      }),
    );
  });
});

/** The same by marking each byte that a form covers. */
function plainlyMasked(text: Buffer, values: readonly string[]): string {
  const starts = new Set<number>();
  const ranges: [number, number][] = [];
  for (const form of values.flatMap(variantsOf)) {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) ranges.push([at, at + form.length]);
  }
  ranges.sort(([a], [b]) => a - b);
  const hidden = new Uint8Array(text.length);
  let reached = 0;
  for (const [start, end] of ranges) {
    if (start >= reached) starts.add(start);
    hidden.fill(1, start, end);
    reached = Math.max(reached, end);
  }
  return [...text].map((byte, at) => (starts.has(at) ? MASK : hidden[at] ? '' : String.fromCharCode(byte))).join('');
}

function holdsAny(text: Buffer, values: readonly string[]): boolean {
  return values.flatMap(variantsOf).some((form) => text.includes(form));
}
