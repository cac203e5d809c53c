// Which kinds of operations a schema tells apart, and what is left without one. That runs do without some: search/draw-plan.test.ts, and for the
// scenarios of the kanban system scenarios/draw-plan.test.ts.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { boundedList } from './reading/bounded-list.ts';
import type { Json } from './values.ts';
import { hasPart, kindsIn, withoutKind } from './operation-kinds.ts';

const step = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('wait'), ms: z.int() }),
  z.strictObject({
    act: z.literal('type'),
    command: z.union([
      z.strictObject({ verb: z.enum(['put', 'drop']), how: z.enum(['hard', 'soft']).optional() }),
      z.strictObject({ verb: z.literal('note'), how: z.string() }),
    ]),
  }),
]);
const schema = z.strictObject({ people: z.array(z.strictObject({ name: z.string(), steps: z.array(step) })) });

const put = { act: 'type', command: { verb: 'put', how: 'hard' } };
const drop = { act: 'type', command: { verb: 'drop' } };
const note = { act: 'type', command: { verb: 'note', how: 'hard' } };
const wait = { act: 'wait', ms: 3 };
const workload: Json = {
  people: [
    { name: 'put', steps: [put, wait, drop] },
    { name: 'b', steps: [note, put] },
  ],
};

describe('kinds', () => {
  test('are what tells the options of unions apart, in objects of an entry too; other words and free text are data', () => {
    expect(kindsIn(schema, workload)).toEqual([
      'people.steps: act=type, command.verb=drop',
      'people.steps: act=type, command.verb=note',
      'people.steps: act=type, command.verb=put',
      'people.steps: act=wait',
    ]);
  });

  test('are left out where a part of them is essential', () => {
    expect(kindsIn(schema, workload, ['act=wait', 'command.verb=put', 'verb=note'])).toEqual([
      'people.steps: act=type, command.verb=drop',
      'people.steps: act=type, command.verb=note',
    ]);
  });

  test('go alone, in all lists, and the rest stays as it was', () => {
    expect(withoutKind(schema, workload, 'people.steps: act=type, command.verb=put')).toEqual({
      people: [
        { name: 'put', steps: [wait, drop] },
        { name: 'b', steps: [note] },
      ],
    });
    expect(withoutKind(schema, workload, 'people.steps: act=rest')).toEqual(workload);
  });

  test('of words in a list are the words', () => {
    const words = z.array(z.enum(['add', 'take']));
    expect(kindsIn(words, ['add', 'take', 'add'])).toEqual(['add', 'take']);
    expect(kindsIn(words, ['add', 'take'], ['add'])).toEqual(['take']);
    expect(withoutKind(words, ['add', 'take', 'add'], 'add')).toEqual(['take']);
    expect(kindsIn(z.object({ words }), { words: ['add'] })).toEqual(['words: add']);
  });

  test('of an entry stop at a list in it, whose entries have kinds of their own', () => {
    const nested = z.array(
      z.object({ mode: z.enum(['fast', 'slow']), parts: z.array(z.object({ op: z.enum(['a', 'b']) })) }),
    );
    const value = [{ mode: 'fast', parts: [{ op: 'a' }, { op: 'b' }] }];
    // The list in an entry of the outermost list is below no name but its own.
    expect(kindsIn(nested, value)).toEqual(['mode=fast', 'parts: op=a', 'parts: op=b']);
    expect(withoutKind(nested, value, 'parts: op=a')).toEqual([{ mode: 'fast', parts: [{ op: 'b' }] }]);
  });
});

const op = z.enum(['a', 'b']);
const entry = z.object({ op });
test.each([
  ['optional', z.array(entry).optional()],
  ['nullable', z.array(entry.nullable())],
  ['default', z.array(z.object({ op: op.default('a') }))],
  ['readonly', z.array(entry.readonly())],
  ['refined', z.array(entry.refine(() => true)).refine(() => true)],
  ['transformed', z.array(entry.transform(({ op: taken }) => taken))],
  ['preprocessed', z.preprocess((value) => value, z.array(entry))],
  ['lazy', z.lazy(() => z.array(entry))],
  ['an intersection', z.array(z.object({ atMs: z.int().optional() }).and(entry))],
  [
    'one of several',
    z.array(z.union([z.null(), z.string(), z.array(z.string()), z.record(z.string(), z.int()), entry])),
  ],
  ['a bounded list', boundedList(entry, 9, 'operations')],
])('a schema that is %s tells kinds apart', (_what, list) => {
  expect(kindsIn(list, [{ op: 'a' }, { op: 'b' }])).toEqual(['op=a', 'op=b']);
  expect(withoutKind(list, [{ op: 'a' }, { op: 'b' }], 'op=b')).toEqual([{ op: 'a' }]);
});

test('lists in records are found', () => {
  expect(kindsIn(z.record(z.string(), z.array(entry)), { x: [{ op: 'a' }], y: [{ op: 'b' }] })).toEqual([
    'op=a',
    'op=b',
  ]);
});

test('where there is no union, the first that may be one of several words says the kind, and the rest is data', () => {
  const key = z.enum(['k1', 'k2', 'k3']);
  const of = z.array(
    z.object({
      made: z.literal('by hand'),
      on: z.object({ op }).optional(),
      key,
      to: z.union([key, z.literal('all')]),
    }),
  );
  const one = (name: string, k: string) => ({ made: 'by hand', on: { op: name }, key: k, to: 'all' });
  expect(kindsIn(of, [one('a', 'k1'), one('a', 'k2'), one('b', 'k3')])).toEqual(['on.op=a', 'on.op=b']);
  expect(kindsIn(of, [{ made: 'by hand', key: 'k2', to: 'k1' }])).toEqual(['key=k2']);
});

test('of a union the option counts whose words are the value’s', () => {
  const options = [
    z.object({ op: z.literal('a'), how: z.string() }),
    z.object({ op: z.literal('b'), how: z.enum(['x']) }),
    z.object({ of: z.int(), op: z.enum(['c', 'd']), how: z.enum(['x']) }),
  ];
  const list = z.array(z.union(options));
  expect(
    kindsIn(list, [
      { op: 'a', how: 'x' },
      { op: 'b', how: 'x' },
      { of: 1, op: 'd', how: 'x' },
    ]),
  ).toEqual(['op=a', 'op=b', 'op=d']);
});

test.each([
  ['any JSON', z.json()],
  ['anything', z.any()],
  ['text and numbers', z.array(z.object({ op: z.string(), n: z.literal([1, 2]).optional() }))],
  ['no schema of zod 4', { safeParse: () => ({ success: true }) } as unknown as z.ZodType],
])('%s has no kinds', (_what, silent) => {
  expect(kindsIn(silent, [{ op: 'a', n: 1 }, { op: 'constructor' }])).toEqual([]);
});

test('names that every object has are no properties of a schema', () => {
  const loose = z.looseObject({ ops: z.array(entry) });
  const value = { constructor: [1], ops: [{ op: 'a' }] };
  expect(kindsIn(loose, value)).toEqual(['ops: op=a']);
  expect(withoutKind(loose, value, 'ops: op=a')).toEqual({ constructor: [1], ops: [] });
});

describe('a part that a kind may have', () => {
  const tree: z.ZodType = z.lazy(() =>
    z.object({ op: z.enum(['leaf', 'node']), below: z.array(tree), a: tree.optional(), b: tree.optional() }),
  );

  test('is found without a workload, in a schema that contains itself, too', () => {
    for (const part of ['act=wait', 'command.verb=drop', 'command.verb=note', 'command.how=soft'])
      expect(hasPart(schema, part), part).toBe(true);
    for (const part of ['act=rest', 'verb=drop', 'command.verb', 'command.verb=put.x', 'people=put'])
      expect(hasPart(schema, part), part).toBe(false);
    expect(hasPart(z.object({ trees: z.array(tree) }), `${'a.b.'.repeat(20)}op=node`)).toBe(true);
    expect(hasPart(z.object({ trees: z.array(tree) }), 'a.b.op=twig')).toBe(false);
    expect(hasPart(z.array(z.enum(['add', 'take'])), 'take')).toBe(true);
  });

  test('is none where a schema says nothing, or not of entries of a list', () => {
    for (const silent of [z.json(), z.array(z.object({ op: z.string() })), z.object({ op: z.enum(['a', 'b']) })])
      expect(hasPart(silent, 'op=a')).toBe(false);
  });
});
