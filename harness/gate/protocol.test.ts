import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { prebuiltBinding } from '../engines/prebuilt.ts';
import { gatePath } from './build.ts';
import { HandProcess } from './hand.test-support.ts';
import {
  decodeRecord,
  emptyRecord,
  encodeGrant,
  encodeRecord,
  type Grant,
  grantBytes,
  layout,
  type RawRecord,
  recordBytes,
  trapBytes,
} from './protocol.ts';

const uint8 = fc.integer({ min: 0, max: 0xff });
const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const safe = fc.maxSafeInteger();
/** Text that UTF-8 can hold: no lone surrogates; every length of a code point, and NUL. */
const text = fc.string({
  unit: fc.oneof(fc.constantFrom('\0', 'ß', '–', '𝄞', '\u{10ffff}'), fc.string({ unit: 'binary' })),
});

const record: fc.Arbitrary<RawRecord> = fc.record({
  op: uint8,
  role: uint8,
  flags: uint8,
  lane: uint16,
  file: uint16,
  rc: int32,
  handle: uint32,
  a: uint32,
  b: safe,
  sum: uint32,
  errno: uint32,
  text,
});

const grant: fc.Arbitrary<Grant> = fc.record({
  action: uint32,
  code: int32,
  budget: uint32,
  softSteps: uint32,
  hardSteps: uint32,
  stopping: fc.boolean(),
  unguarded: fc.option(fc.boolean(), { nil: undefined }),
  nowMs: safe,
  traps: fc.array(fc.record({ op: uint8, role: uint8, left: uint32 }), { maxLength: 64 }),
  reply: text,
});

/** Reads a grant the way gate.c does: the struct, the traps, the text. */
function decodeGrant(bytes: Buffer): Grant {
  const traps = bytes.readUInt32LE(24);
  const replyAt = grantBytes + traps * trapBytes;
  expect(bytes.length).toBe(replyAt + bytes.readUInt32LE(28));
  return {
    action: bytes.readUInt32LE(0),
    code: bytes.readInt32LE(4),
    budget: bytes.readUInt32LE(8),
    softSteps: bytes.readUInt32LE(12),
    hardSteps: bytes.readUInt32LE(16),
    stopping: (bytes.readUInt32LE(20) & 1) !== 0,
    unguarded: (bytes.readUInt32LE(20) & 2) === 0 ? undefined : (bytes.readUInt32LE(20) & 4) !== 0,
    nowMs: Number(bytes.readBigInt64LE(32)),
    traps: Array.from({ length: traps }, (_, i) => {
      const at = grantBytes + i * trapBytes;
      return { op: bytes.readUInt8(at), role: bytes.readUInt8(at + 1), left: bytes.readUInt32LE(at + 4) };
    }),
    reply: bytes.toString('utf8', replyAt),
  };
}

describe('the layout', () => {
  test('is the one of gate.c', async () => {
    using process = HandProcess.start({ binding: prebuiltBinding() ?? '', gate: await gatePath() });
    expect(process.main.run('/', (world) => world.gate('layout'))).toBe(layout);
  });
});

describe('records', () => {
  property.prop([record])('come back as they were', (original) => {
    const bytes = encodeRecord(original);
    expect(bytes.length).toBe(recordBytes + Buffer.byteLength(original.text));
    const back = emptyRecord();
    expect(decodeRecord(bytes, 0, back)).toBe(bytes.length);
    expect(back).toEqual(original);
  });

  property.prop([fc.array(record, { maxLength: 20 })])('follow each other without a gap', (originals) => {
    const body = Buffer.concat(originals.map(encodeRecord));
    const back: RawRecord[] = [];
    for (let at = 0; at < body.length; ) {
      const one = emptyRecord();
      at = decodeRecord(body, at, one);
      back.push(one);
    }
    expect(back).toEqual(originals);
  });
});

describe('grants', () => {
  property.prop([grant])('come back as they were', (original) => {
    const back = decodeGrant(Buffer.from(encodeGrant(original)));
    expect(back).toEqual(original);
  });

  property.prop([grant, grant])('leave nothing behind for the next', (first, second) => {
    const alone = Buffer.from(encodeGrant(second));
    encodeGrant(first);
    expect(Buffer.from(encodeGrant(second))).toEqual(alone);
  });

  test('larger than any before are whole', () => {
    const reply = 'ä'.repeat(300_000);
    const bytes = Buffer.from(
      encodeGrant({
        action: 0,
        code: 0,
        budget: 0,
        softSteps: 0,
        hardSteps: 0,
        stopping: false,
        nowMs: 0,
        traps: [],
        reply,
      }),
    );
    expect(decodeGrant(bytes).reply).toBe(reply);
  });
});
