import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddress, isLoopback, parseAddress } from '../../src/config/address.ts';

test('an address is a host and a port, and is written as it was read', () => {
  for (const text of ['127.0.0.1:8420', '[::1]:0', 'localhost:80', 'ci.example.org:65535', '0.0.0.0:1', '[::]:1']) {
    const address = parseAddress(text);
    assert.ok(address !== null, text);
    assert.equal(formatAddress(address), text);
  }
});

test('what is no host and port is refused', () => {
  const wrong = [
    '99999',
    'abc',
    '-1',
    '',
    ':8420',
    'a:',
    'a:65536',
    'a:-1',
    'a:1e3',
    '::1:8420',
    '[a]:1',
    '300.1.1.1:1',
    'a b:1',
  ];
  for (const text of [...wrong, 'http://a:1', '-a:1', 'a:1 ', `${'a'.repeat(64)}:1`])
    assert.equal(parseAddress(text), null, text);
});

test('only what no other machine can reach is loopback', () => {
  for (const host of ['127.0.0.1', '127.8.8.8', '::1', 'localhost']) assert.ok(isLoopback(host), host);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.evil.example', 'localhost.example'])
    assert.ok(!isLoopback(host), host);
});
