// A scenario that is not what it must be is refused where it is used, with its name, the field, what is known, and what to
// do; never a pass, a failure, or a defect of Lockstep.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { LockstepError } from '../errors/errors.ts';
import { invariant } from '../model/invariant.ts';
import { checkCatalogue, checkScenario } from '../run/check-scenario.ts';
import { counter } from './counter-lab.test-support.ts';
import type { Claim } from '../model/claim.ts';
import type { Scenario } from '../model/scenario.ts';

const module = new URL('./counter-programs.test-support.ts', import.meta.url).href;

function complaintsOf(check: () => void): string {
  try {
    check();
  } catch (error) {
    if (!(error instanceof LockstepError)) throw error;
    expect(error).toMatchObject({ kind: 'usage', code: 'SCENARIO_INVALID' });
    expect(error.remedy).not.toBe('');
    return error.message;
  }
  throw new Error('it was taken');
}

function refused(more: object): string {
  return complaintsOf(() => checkScenario({ ...counter, ...more }));
}

const claim: Claim = {
  claim: 'c',
  source: { by: 'measured', where: 'here' },
  strategy: 'bare',
  engine: counter.engine,
  expects: 'violation',
};
const [strategy] = counter.strategies;
const [first] = counter.invariants;
const mark = { name: 'overlap', says: 'again', count: () => 0 };

test('one that is in order is taken', () => {
  expect(() => checkScenario(counter)).not.toThrow();
  expect(() => checkScenario({ ...counter, claims: [claim, { ...claim, strategy: 'bare+atomic' }] })).not.toThrow();
});

describe('names that mean nothing', () => {
  test.each<[string, Partial<Scenario>, RegExp]>([
    ['window', { window: 'overlapp' }, /window: there is no mark "overlapp"\. Known are locks-cancelled, .*overlap/],
    [
      'second name',
      { strategies: [...counter.strategies, { name: 'b', says: 'bare', sameAs: 'bear' }] },
      /strategies: there is no strategy "bear"\. Known are bare, atomic/,
    ],
    ['engine', { engine: '3.99.0' }, /engine: There is no engine "3\.99\.0"\. Known are /],
    [
      'claim: strategy',
      { claims: [claim, { ...claim, strategy: 'bear' }] },
      /claims\[1\]\.strategy: .*"bear".*bare, atomic/,
    ],
    ['claim: part', { claims: [{ ...claim, strategy: 'bare+x' }] }, /claims\[0\]\.strategy: there is no strategy "x"/],
    ['claim: engine', { claims: [{ ...claim, engine: '9.9.9' }] }, /claims\[0\]\.engine: There is no engine "9\.9\.9"/],
    ['claim: invariant', { claims: [{ ...claim, invariants: ['intgrity'] }] }, /claims\[0\]\.invariants: .*"intgrity"/],
    [
      'export',
      { programs: { ...counter.programs, writer: { module, export: 'writre' } } },
      /programs\.writer: .*no function "writre", only .*writer/,
    ],
    [
      'module',
      { programs: { writer: { module: `${module}x`, export: 'writer' } } },
      /programs\.writer: its module does not load: /,
    ],
    [
      'path',
      { programs: { writer: { module: './writer.ts', export: 'writer' } } },
      /programs\.writer: .*is no file: URL/,
    ],
  ])('%s', (_what, more, complaint) => {
    const said = refused(more);
    expect(said).toMatch(/^The scenario counter: /);
    expect(said).toMatch(complaint);
  });
});

describe('names that mean two things', () => {
  test.each<[string, Partial<Scenario>, RegExp]>([
    ['strategies', { strategies: [strategy!, strategy!] }, /strategies: two of them are called "bare"/],
    ['invariants', { invariants: [first!, first!] }, /invariants: two of them are called/],
    ['marks', { marks: [...(counter.marks ?? []), mark] }, /marks: two of them are called "overlap"/],
    [
      'a general mark',
      { marks: [{ ...mark, name: 'close-beside-holder' }], window: 'close-beside-holder' },
      /marks: "close-beside-holder" is taken/,
    ],
    ['features', { features: [...(counter.features ?? []), ...(counter.features ?? [])] }, /features: two of them/],
    ['harm', { invariants: [invariant('harm', 'harm', 's', () => [])] }, /invariants: "harm" is taken/],
    [
      'a program of the faults',
      { programs: { 'lockstep.sql': { module, export: 'writer' } } },
      /programs\.lockstep\.sql: the name is taken/,
    ],
  ])('%s', (_what, more, complaint) => expect(refused(more)).toMatch(complaint));
});

describe('what is no such thing', () => {
  test.each<[string, object, RegExp]>([
    ['a field that is misspelt', { invarients: [] }, /has no field invarients; its fields are name, says/],
    ['a field that is missing', { invariants: undefined }, /→ at invariants$/m],
    ['an essential kind that is no text', { essential: [1] }, /→ at essential\[0\]$/m],
    ['a function that is none', { start: [] }, /✖ must be a function\n {2}→ at start/],
    ['parameters out of range', { parameters: { ...counter.parameters, gateways: 99 } }, /→ at parameters\.gateways$/m],
    ['a workload that is no schema', { workload: {} }, /✖ must be a zod schema\n {2}→ at workload/],
    ['a query without SQL', { queries: { t: '' } }, /→ at queries\.t$/m],
    [
      'a database outside the world',
      { database: '../x.db' },
      /database: "\.\.\/x\.db" is no name: it has the part "\.\."/,
    ],
    ['a name of two words', { name: 'my scenario' }, /name: "my scenario" is no name/],
    ['a combination as a name', { strategies: [{ name: 'a+b', says: 's' }] }, /strategies: "a\+b" is no name/],
    ['no strategy', { strategies: [] }, /→ at strategies$/m],
  ])('%s', (_what, more, complaint) => expect(refused(more)).toMatch(complaint));

  test('all at once, within a screen', () => {
    const claims = Array.from({ length: 300 }, () => ({ ...claim, strategy: 'bear' }));
    const said = refused({ window: 'x', engine: 'y', claims });
    expect(said).toMatch(/engine: .*\n {2}window: .*\n {2}claims\[0\]/);
    expect(said).toMatch(/and 294 more$/);
  });

  test('what has no name at all', () => {
    expect(complaintsOf(() => checkScenario({} as Scenario))).toMatch(
      /^The scenario without a name: it is not what a scenario is:\n✖ .*\n {2}→ at name\n[^]*and \d+ more$/,
    );
  });
});

describe('beside each other', () => {
  const other = { ...counter, name: 'other' };
  const says = (said: string) => ({ ...strategy!, says: said });
  const beside = (...all: readonly Scenario[]) => complaintsOf(() => checkCatalogue([counter, ...all]));

  test('the same thing may have the same name', () => {
    expect(() => checkCatalogue([counter, other, { ...other, name: 'third', workload: z.json() }])).not.toThrow();
  });

  test('two scenarios of one name', () => {
    expect(beside({ ...other, name: 'counter' })).toBe('The scenario counter: there are two scenarios of this name.');
  });

  test('two strategies of one name, unless they say that they share it', () => {
    const own = { ...other, strategies: [says('something else')] };
    expect(beside(own)).toMatch(
      /^The scenario other: its strategy "bare" \("something else"\) has the name of another in counter \("reads, then writes"\)/,
    );
    const shared = { ...own, strategies: [{ ...says('something else'), sharesName: true as const }] };
    expect(() => checkCatalogue([counter, shared])).not.toThrow();
    expect(() => checkCatalogue([shared, counter])).not.toThrow();
  });

  test('two invariants, two marks of one name', () => {
    const invariants = [invariant(first!.name, 'harm', 'something else', () => [])];
    expect(beside({ ...other, invariants })).toMatch(/its invariant ".*" \("something else"\) has the name of another/);
    expect(beside({ ...other, marks: [mark] })).toMatch(/its mark "overlap" \("again"\) has the name of another/);
  });
});
