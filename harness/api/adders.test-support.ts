// A scenario as a person would declare it, for tests: a counter that loses what is added, and its fix.
import { invariant } from '../model/invariant.ts';
import type { Json } from '../model/values.ts';
import { defineScenario, type ScenarioInput } from './define-scenario.ts';
import { observed, stepped } from './marks.ts';
import { world } from './programs.ts';

const noLostUpdate = invariant('no-lost-update', 'harm', 'the counter holds all that was added', function* (history) {
  const added = history.observations.filter(({ kind }) => kind === 'added').length;
  const rows = (history.autopsy.queries['counter'] ?? []) as readonly (readonly Json[])[];
  const value = Number(rows[0]?.[0] ?? 0);
  if (value < added) yield { message: `${added} were added, and the counter says ${value}` };
});

const rounds = [{ act: 'add' }, { act: 'rest', ms: 1 }, { act: 'add' }] as const;

export const adders: ScenarioInput = {
  name: 'adders',
  says: 'two processes add to one counter',
  from: new URL('../search/counter-lab.test-support.ts', import.meta.url).href,
  database: 'counter.db',
  setup: `PRAGMA journal_mode=WAL; CREATE TABLE counter(value INTEGER); INSERT INTO counter VALUES(0);
    CREATE TABLE notes(text TEXT)`,
  programs: { writer: world('counter-programs.test-support.ts', 'writer') },
  start: [{ program: 'writer', times: 2, args: { atomic: false, rounds } }],
  queries: { counter: 'SELECT value FROM counter' },
  invariants: [noLostUpdate],
  marks: [
    observed('rested', 'somebody rested a millisecond', 'rested', (ms) => ms === 1),
    observed('rested-long', 'somebody rested a second', 'rested', (ms) => ms === 1000),
    stepped('wal-begun', 'the first frame of a -wal was written', {
      op: 'write',
      role: 'wal',
      rc: 'SQLITE_OK',
      where: ({ args }) => args?.['offset'] === 32,
    }),
    stepped('busy-wal', 'a write to the -wal met a lock', { op: 'write', role: 'wal', rc: 'SQLITE_BUSY' }),
  ],
};

export const addersScenario = defineScenario(adders);

/** Nothing is lost. */
export const atomicScenario = defineScenario({
  ...adders,
  start: [{ program: 'writer', times: 2, args: { atomic: true, rounds } }],
});
