import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { prebuiltBinding } from '../engines/prebuilt.ts';
import { gatePath } from './build.ts';
import { HandProcess } from './hand.test-support.ts';
import { anyOp, decodeRecord, encodeGrant, encodeRecord, type Grant, grantFlag, layout } from './protocol.ts';
import { emptyRecord, type RawRecord } from '../model/record.ts';

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
  traps: fc.array(
    fc.record({ ops: fc.bigInt({ min: 0n, max: anyOp }), roles: uint32, left: uint32, taking: fc.boolean() }),
    { maxLength: 64 },
  ),
  reply: text,
  news: fc.array(fc.string({ unit: fc.constantFrom('a', 'ß', '/', '.'), minLength: 1 }), { maxLength: 3 }),
});

/** Reads a grant the way gate.c does: the struct, the traps, the text. */
function decodeGrant(bytes: Buffer): Grant {
  const { grant: at, trap } = layout;
  const traps = bytes.readUInt32LE(at.traps);
  const replyAt = at.size + traps * trap.size;
  const newsAt = replyAt + bytes.readUInt32LE(at.replyBytes);
  expect(bytes.length).toBe(newsAt + bytes.readUInt32LE(at.newsBytes));
  const flags = bytes.readUInt32LE(at.flags);
  return {
    action: bytes.readUInt32LE(at.action),
    code: bytes.readInt32LE(at.code),
    budget: bytes.readUInt32LE(at.budget),
    softSteps: bytes.readUInt32LE(at.softSteps),
    hardSteps: bytes.readUInt32LE(at.hardSteps),
    stopping: (flags & grantFlag.stopping) !== 0,
    unguarded: (flags & grantFlag.watched) === 0 ? undefined : (flags & grantFlag.unguarded) !== 0,
    nowMs: Number(bytes.readBigInt64LE(at.now)),
    traps: Array.from({ length: traps }, (_, i) => {
      const from = at.size + i * trap.size;
      return {
        ops: bytes.readBigUInt64LE(from + trap.ops) | (bytes.readBigUInt64LE(from + trap.opsFrom64) << 64n),
        roles: bytes.readUInt32LE(from + trap.roles),
        left: bytes.readUInt32LE(from + trap.left),
        taking: bytes.readUInt32LE(from + trap.taking) === 1,
      };
    }),
    reply: bytes.toString('utf8', replyAt, newsAt),
    news: bytes.toString('utf8', newsAt).split('\0').slice(0, -1),
  };
}

describe('the layout', () => {
  test('has the names, numbers and places of gate.c, and no others', async () => {
    using process = HandProcess.start({ binding: prebuiltBinding() ?? '', gate: await gatePath() });
    expect(JSON.parse(String(process.main.run('/', (world) => world.gate('layout'))))).toEqual(layout);
  });
});

describe('records', () => {
  property.prop([record])('come back as they were', (original) => {
    const bytes = encodeRecord(original);
    expect(bytes.length).toBe(layout.record.size + Buffer.byteLength(original.text));
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
