import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameSplitter, LONGEST_FRAME, textFrame } from '../../src/util/frames.ts';

test('texts come out as they went in, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat(30)), (texts, cuts) => {
      const splitter = new FrameSplitter();
      const bytes = Buffer.concat(texts.map(textFrame));
      const seen: string[] = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        for (const frame of splitter.push(bytes.subarray(at, at + cut))) seen.push(frame.toString());
        at += cut;
      }
      assert.deepEqual(seen, texts);
    }),
  );
});

test('a frame that is too long is refused at its head', () => {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(LONGEST_FRAME + 1);
  assert.throws(() => new FrameSplitter().push(head), /a frame of 67108865 bytes/);
});
