import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VAULT_SECRET_BYTES, Vault } from '../../src/util/vault.ts';

const vault = new Vault(new Uint8Array(VAULT_SECRET_BYTES).fill(1));
const other = new Vault(new Uint8Array(VAULT_SECRET_BYTES).fill(2));
const label = Buffer.from('label');

test('what was sealed is opened again, with the same secret and label only', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (plain) => {
      const sealed = vault.seal(plain, label);
      assert.deepEqual([...(vault.open(sealed, label) ?? [])], [...plain]);
      assert.equal(vault.open(sealed, Buffer.from('labe')), null);
      assert.equal(other.open(sealed, label), null);
    }),
  );
});

test('what is sealed in pieces is opened as one', () => {
  const sealed = vault.seal([Buffer.from('one '), Buffer.from('text')], label);
  assert.equal(String(vault.open(sealed, label)), 'one text');
});

test('no change of a sealed text goes unnoticed', () => {
  const sealed = vault.seal(Buffer.from('some text'), label);
  for (let at = 0; at < sealed.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = Uint8Array.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      assert.equal(vault.open(changed, label), null);
    }
    assert.equal(vault.open(sealed.subarray(0, at), label), null);
  }
});

test('equal texts are sealed differently', () => {
  const [one, two] = [vault.seal(label, label), vault.seal(label, label)];
  assert.notDeepEqual(one, two);
});

test('fingerprints are equal for equal texts and the same secret', () => {
  assert.equal(vault.fingerprint('a'), vault.fingerprint('a'));
  assert.match(vault.fingerprint('a'), /^[0-9a-f]{64}$/);
  assert.equal(new Set([vault, other].flatMap((one) => [one.fingerprint('a'), one.fingerprint('b')])).size, 4);
});
