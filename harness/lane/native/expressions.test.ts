// The language is the same in both hosts: what Node answers to an expression, QuickJS answers, too, or says that it cannot.
import { runInNewContext } from 'node:vm';
import { fc } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Json } from '../world.ts';
import type { Coordinator } from '../../run/coordinator.ts';
import type { Scenario } from '../../model/scenario.ts';
import { coordinatorOf, observed, planOf, process as start, scenarioOf } from '../../testing/lab.test-support.ts';
import { nativeHostPossible } from './build.ts';
import { answer, bitsOf, operations, type Question } from './expressions.test-support.ts';
import { onlyInNode } from './gaps.ts';
import { acts, languageNames } from './language.test-support.ts';
import { classes, patterns } from './texts.test-support.ts';
import { unicode13 } from './unicode-13.test-support.ts';

const expressions = new URL('./expressions.test-support.ts', import.meta.url).href;
const language = new URL('./language.test-support.ts', import.meta.url).href;
const scenario: Scenario = {
  ...scenarioOf([]),
  programs: {
    answering: { module: expressions, export: 'answering' },
    ...Object.fromEntries(
      ['naming', 'doing', 'deepening', 'setup'].map((name) => [name, { module: language, export: name }]),
    ),
  },
  setup: () => start('setup', 'setup'),
};

let coordinator: Coordinator;
beforeAll(async () => {
  vi.stubEnv('TZ', 'UTC'); // as in lanes
  coordinator = await coordinatorOf({ host: 'native' });
});
afterAll(() => coordinator?.close());

async function run(program: string, args: Json, kind: string): Promise<readonly Json[]> {
  const history = await coordinator.run({ ...scenario, start: () => [start('p', program, args)] }, planOf());
  expect(history.endings).toEqual([{ lane: 'p', ending: { how: 'returned' } }]);
  return observed(history, kind);
}

const double = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.integer({ min: -100_000, max: 100_000 }).map((n) => n / 1000),
  fc.tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -30, max: 30 })).map(([n, e]) => n * 10 ** e),
);
const figures = fc.integer({ min: 0, max: 20 });
const small = fc.integer({ min: -9, max: 9 });
const text = fc.string({
  unit: fc.constantFrom(
    ...Array.from('ab cAB12.-\n\t"\\/äÄßſİ😀\ud800\udc00\u2028ékKsS\u212aıẞσςΣωþÞµ𐐀𐐨_'),
    'e\u0301',
    'ﬁ',
  ),
  maxLength: 12,
});
/** What V8 finds within a surrogate pair, too: refused where there is one. */
const inPairs: ReadonlySet<string> = new Set(['\\B', '(?!s)']);
/** Some hundred characters that Unicode 13 has, more often from where letters with a case are. */
const someCharacters = fc
  .tuple(
    fc.oneof(fc.constantFrom(...unicode13.filter(([from]) => from < 0x3000)), fc.constantFrom(...unicode13)),
    fc.nat(),
    fc.nat(400),
  )
  .map(([[from, to], at, count]) => [from + (at % (to - from)), count] as const)
  .map(([from, count]) => [from, Math.min(from + count + 1, unicode13.find(([, to]) => to > from)?.[1] ?? 0)] as const);
const list = fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 120 });
const wordsOfJson = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"a"',
  '"\\u00e4"',
  '"\\x41"',
  '1',
  '-0',
  '01',
  '1.',
  '.5',
  '1e5',
  '1e',
  'true',
  'nul',
  ' ',
  '\n',
];
const json = fc.oneof(
  fc.json(),
  fc
    .array(fc.constantFrom(...wordsOfJson, '"\t"', '12345678901234567890', '1E-7', '\u00a0', '"\ud800"'), {
      maxLength: 7,
    })
    .map((all) => all.join('')),
  fc.json().map((all) => all.replace(/[,:1]/, '')),
);
const numberText = fc.oneof(
  double.map(String),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
  fc.constantFrom(
    '0x1f',
    '0b11',
    '0o17',
    '017',
    ' 12 ',
    '1_000',
    '',
    '-',
    '.',
    '1e1000',
    '1e-400',
    'Infinity',
    '+5',
    '12px',
    '5.e1',
    '\u00a07',
  ),
  fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 30n }), figures).map(([n, e]) => `${n}.${n}e-${e}`),
);
const whole = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String);

/** For each operation what it is given. */
const given: { readonly [name in keyof typeof operations]: fc.Arbitrary<readonly Json[]> } = {
  numberTexts: fc.tuple(double.map(bitsOf), figures, fc.integer({ min: 2, max: 36 })),
  arithmetic: fc.tuple(double.map(bitsOf), double.map(bitsOf)),
  big: fc.tuple(whole, whole),
  jsonOf: fc.tuple(json),
  numbersIn: fc.tuple(numberText),
  strings: fc.tuple(text, text, small),
  letters: fc.tuple(text),
  expression: fc
    .tuple(
      fc.constantFrom(...patterns),
      fc.constantFrom('', 'g', 'i', 'iu', 'u', 'uy', 'y', 's', 'm', 'giu', 'sy'),
      text,
    )
    .filter(
      ([pattern, flags, searched]) => !(inPairs.has(pattern) && flags.includes('u') && /[^\0-\uffff]/u.test(searched)),
    ),
  characters: fc
    .tuple(fc.constantFrom(...classes), fc.constantFrom('', 'i', 'iu', 'm', 's', 'u'), someCharacters)
    .filter(([pattern, flags]) => flags.includes('u') || !pattern.includes('\\p'))
    .map(([pattern, flags, between]) => [pattern, flags, ...between]),
  lettersOf: someCharacters,
  sorting: fc.tuple(list, fc.integer({ min: 0, max: 3 })),
  lists: fc.tuple(
    list.filter(({ length }) => length > 0),
    fc.integer({ min: 0, max: 9 }),
  ),
  bytes: fc.tuple(fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 20 }), small),
  dates: fc.tuple(fc.integer({ min: 0, max: 4e12 }), small),
  failures: fc.tuple(small),
  errorsMade: fc.tuple(text),
};

describe.runIf(nativeHostPossible)('both hosts', () => {
  test.for(Object.keys(operations) as (keyof typeof operations)[])('answer alike: %s', async (name) => {
    const question = given[name].map((all): Question => [name, ...all]);
    const property = fc.asyncProperty(
      fc.array(question, { minLength: 1, maxLength: 60, size: 'max' }),
      async (questions) => {
        expect(await run('answering', questions as unknown as Json, 'answer')).toEqual(questions.map(answer));
      },
    );
    await fc.assert(property, { numRuns: 12 });
  });

  /** Where all take long, a third of them. */
  const parts = Array.from({ length: 3 }, (_, part) => unicode13.filter((one) => unicode13.indexOf(one) % 3 === part));

  test.for(parts)('make the same letters of all characters of Unicode 13: part %$', async (runs) => {
    const questions = runs.flatMap(([from, to]): Question[] =>
      Array.from({ length: Math.ceil((to - from) / 4000) }, (_, i) => [
        'lettersOf',
        from + i * 4000,
        Math.min(to, from + (i + 1) * 4000),
      ]),
    );
    expect(await run('answering', questions as unknown as Json, 'answer')).toEqual(questions.map(answer));
  });

  test.for(['i', 'iu'])('match the same letters with any case: %s', async (flags) => {
    const cased = unicode13.filter(([from]) => from < 0x3100 || (from >= 0xa600 && from < 0xac00) || from >= 0xfb00);
    const questions = [
      '[a-zµß-ÿſ]',
      '[À-ʯ]',
      '[Α-ῼ]',
      '[^\u0130-\uab6f]',
      '[Ⅰ-Ⓜⰰ-ꞿ]',
      '[\ufb00-\uffff]',
      '\\W',
    ].flatMap((pattern) => cased.map(([from, to]): Question => ['characters', pattern, flags, from, to]));
    expect(await run('answering', questions as unknown as Json, 'answer')).toEqual(questions.map(answer));
  });

  test('know the same names, but for those that only Node has', async () => {
    const [names] = (await run('naming', null, 'names')) as [readonly string[]];
    const native = new Set(names);
    const here = new Set(languageNames());
    const node = runInNewContext(`(${String(languageNames)})()`) as readonly string[];
    const globals: readonly string[] = onlyInNode;
    const lacking = node.filter((name) => !native.has(name) && !globals.includes(name.split('.')[0] ?? ''));
    expect(lacking).toEqual([]);
    expect(names.filter((name) => !here.has(name))).toEqual(strangeNames);
  });

  test('have a stack for nine thousand calls in calls, and nothing that leads to what they stand on', async () => {
    const history = await coordinator.run({ ...scenario, start: () => [start('p', 'deepening')] }, planOf());
    expect([observed(history, 'depth'), observed(history, 'hidden')]).toEqual([[9000], [[]]]);
  });
});

/** What cannot be taken away. */
const strangeNames = ['Symbol.operatorSet'];

/** What is said of a program that reaches for what only Node has. */
const needs: { readonly [act in keyof typeof acts]: string } = {
  comparing: 'uses String.localeCompare',
  sine: 'uses Math.sin',
  'last match': 'uses RegExp.$1',
  failing: "reads the words of an error of the language (QuickJS: cannot read property 'deep' of null)",
  words: 'reads the words of an error of the language (QuickJS: the text is no JSON)',
  stack: 'reads the stack of an error',
  source: 'reads the source of a function',
  date: 'reads a date that is not written as in ISO 8601',
  'great number read': 'reads a number beyond 2^53 in another radix than ten',
  'great number written': 'writes a number beyond 2^53 in another radix than ten',
  flags: 'has a regular expression with other flags than gimsuy',
  modifiers: 'has a regular expression that the native host cannot read',
  'empty turns': 'has a regular expression that the native host cannot read',
  'empty first turn': 'has a regular expression that the native host cannot read',
  'younger letter': 'changes the case of a letter in a way that is younger than Unicode 13',
  'younger capital': 'changes the case of a letter in a way that is younger than Unicode 13',
  'younger last letter': 'changes the case of a letter in a way that is younger than Unicode 13',
  'younger letter in an expression': 'asks for the case of a letter in a way that is younger than Unicode 13',
  'younger mark': 'normalizes a character that is younger than Unicode 13',
  'properties of a younger character': 'asks for the properties of a character that are younger than Unicode 13',
  'younger property': 'has a regular expression that the native host cannot read',
  'extensions of scripts': 'has a regular expression that the native host cannot read',
  'within a pair': 'has a regular expression that Node matches within a surrogate pair',
  latin1: 'decodes latin1',
  deep: 'has too many calls in calls for the native host',
  'deep in a file call': 'has too many calls in calls for the native host',
};

test.runIf(nativeHostPossible).for(Object.keys(acts))('a run that needs Node says so, and is none: %s', async (act) => {
  const doing = { ...scenario, start: () => [start('p', 'doing', act)] };
  await expect(coordinator.run(doing, planOf())).rejects.toMatchObject({
    code: 'NEEDS_NODE',
    message: expect.stringContaining(`The program of the simulated process p ${needs[act]}.`) as string,
    remedy: 'Take --host node.',
  });
});

test.runIf(nativeHostPossible)('where no host is asked for, such a run is made in Node', async () => {
  const either = await coordinatorOf();
  const node = await coordinatorOf({ host: 'node' });
  const doing = { ...scenario, start: () => [start('p', 'doing', 'failing')] };
  try {
    const [one, other] = [await either.run(doing, planOf()), await node.run(doing, planOf())];
    expect(one.endings[0]?.ending).toEqual({ how: 'threw', error: "Cannot read properties of null (reading 'deep')" });
    expect(one.hash).toBe(other.hash);
  } finally {
    either.close();
    node.close();
  }
});
