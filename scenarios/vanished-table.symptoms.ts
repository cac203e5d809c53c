// What the reports of vanished-table saw, and how to tell whether a run saw it too. Pure functions of the history.
import type { History } from '../harness/model/history.ts';
import type { Symptom } from '../harness/model/symptom.ts';
import { noSilentLoss } from '../src/oracle/no-silent-loss.ts';
import { noWedge } from '../src/oracle/no-wedge.ts';
import { wordsOf } from '../src/oracle/said.ts';

function noSuchTable({ observations }: History): string | undefined {
  const failed = wordsOf(observations, 'tick-failed').filter(({ data }) => /no such table/.test(data.message ?? ''));
  const [first] = failed;
  return first && `${failed.length} ticks: ${first.lane} at ${first.nowMs / 1000} s: ${first.data.message}`;
}

export const symptoms: readonly Symptom[] = [
  { reported: 'no such table: tasks', see: noSuchTable },
  { reported: 'every tick fails until the gateway restarts', see: (history) => noWedge.check(history)[0]?.message },
  { reported: 'the rows stay lost', see: (history) => noSilentLoss.check(history)[0]?.message },
];
