import { expect, test } from 'vitest';
import { fingerprintBytes, keptOfGroup, RangeTally } from './range.ts';
import { simulatedRun, window } from './testing/simulated.test-support.ts';

const cell = { scenario: 's', strategy: 'a', engine: '3.50.4' };

function tallied(first: number, count: number) {
  const tally = new RangeTally(first, window);
  for (let run = first; run < first + count; run++) tally.add(simulatedRun(7, cell, run));
  return tally.result(1);
}

function xored(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)));
}

test('however runs are cut into ranges, their digests come to the same, and another run to another', () => {
  const whole = tallied(0, 100);
  const [left, right] = [tallied(0, 37), tallied(37, 63)];
  expect(xored(left.hashes, right.hashes)).toEqual(whole.hashes);
  expect(Buffer.concat([left.fingerprints, right.fingerprints])).toEqual(whole.fingerprints);
  expect(xored(left.hashes, tallied(37, 62).hashes)).not.toEqual(whole.hashes);
});

test('all failing runs are told by number, and the first few of each group kept', () => {
  const { failed, kept } = tallied(0, 400);
  for (const [group, runs] of Object.entries(failed)) {
    expect(runs.length).toBeGreaterThan(keptOfGroup);
    expect(kept.filter((one) => one.group === group).map(({ run }) => run)).toEqual(runs.slice(0, keptOfGroup));
  }
});

test('a fingerprint says whether its run was in the window, and no more of it differs', () => {
  const [inside, outside] = [fingerprintBytes('a.b', true), fingerprintBytes('a.b', false)];
  expect(xored(inside, outside)).toEqual(Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]));
  expect(fingerprintBytes('a.c', true).subarray(0, 7)).not.toEqual(inside.subarray(0, 7));
});
