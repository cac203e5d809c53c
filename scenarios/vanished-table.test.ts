// The promises of the scenario vanished-table: its shipped plan shows what the report saw, and which fixes change what of it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import type { History } from '../harness/model/history.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { corpusPlan } from './corpus-index.ts';
import { vanishedTable } from './vanished-table.ts';

const shipped = corpusPlan('vanished-table.json');

function violated(history: History): readonly string[] {
  return [...new Set(violationsOf(vanishedTable, history).map(({ invariant }) => invariant))].toSorted();
}

function seen(history: History): readonly boolean[] {
  return vanishedTable.symptoms.map((symptom) => symptom.see(history) !== undefined);
}

describe('the shipped plan on SQLite 3.50.4', () => {
  let coordinator: Coordinator;
  beforeAll(async () => {
    coordinator = await coordinatorOf({ engine: '3.50.4' });
  });
  afterAll(() => coordinator.close());

  const under = (strategy: string) => coordinator.run(vanishedTable, { ...shipped, strategy });

  test('shows all of the report, in the window', async () => {
    const history = await under(shipped.strategy);
    expect(seen(history)).toEqual([true, true, true]);
    expect(history.marks['taken-under-gateways']).toBe(1);
    expect(vanishedTable.symptoms[0]?.see(history)).toMatch(/ticks: gateway-1\/notifier at 20 s: no such table/);
  });

  test('with a sentinel table ticks go on, on an empty board, and the rows stay lost without a word', async () => {
    const history = await under('sentinel-table+safe-read');
    expect(seen(history)).toEqual([false, false, true]);
    expect(violated(history)).toEqual(expect.arrayContaining(['no-silent-loss']));
    expect(violated(history)).not.toContain('no-wedge');
  });

  test('under a registry nobody makes a new one: the wedge is told, and nothing is lost silently', async () => {
    expect(violated(await under('registry+safe-read'))).not.toContain('no-silent-loss');
  });

  test('under durable the board comes back with all its rows', async () => {
    expect(violated(await under('durable'))).toEqual([]);
  });
});
