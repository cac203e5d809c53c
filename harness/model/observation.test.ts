import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { encodeObserved, parseObserved } from './observation.ts';
import type { Json } from './values.ts';

const data = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);

property.prop([fc.record({ kind: fc.string(), data })])('an observation comes back as it was', (observed) => {
  expect(parseObserved(encodeObserved(observed))).toEqual(observed);
});

test.each(['how are you', '', 'null', '1', '"kind"', '[]', '{"kind":1}'])('%j is none, and kept as it is', (text) => {
  expect(parseObserved(text)).toEqual({ kind: 'unreadable', data: text });
});
