// The other side of searchers.ts: a warm coordinator in a process of its own, which makes every n-th run of one search after
// the other, with the autopsy of a run beside the next one, as search() does. Goes when its parent goes.
import { sayError } from '../../harness/errors/errors.ts';
import { Coordinator } from '../../harness/run/coordinator.ts';
import { scenarioIn } from '../../harness/search/load-scenarios.ts';
import { Runner, type RunReport } from '../../harness/search/runner.ts';
import { followParent } from '../../harness/search/serve-parent.ts';
import type { Scenario } from '../../harness/model/scenario.ts';
import {
  type FromSearcher,
  type SearcherSetting,
  type SearchOrder,
  stopSignal,
  type ToSearcher,
} from './searcher-words.ts';
import { RunInterrupted } from '../../harness/errors/interrupted.ts';
import { hearSignals, onSignals } from '../../harness/host/signals.ts';

let scenario: Scenario | undefined;
let coordinator: Coordinator | undefined;
const state = {
  stopped: false,
  /** Why it could not be opened; the answer to every search. */
  broken: undefined as Error | undefined,
};
onSignals([stopSignal], () => (state.stopped = true)); // before the first word: it may come from then on
const isOrphan = followParent();

function say(message: FromSearcher): void {
  process.send?.(message, () => {}); // a parent that is gone hears nothing
}

async function open(setting: SearcherSetting): Promise<void> {
  scenario = await scenarioIn(setting.scenarioModule, setting.scenario);
  const isStopped = (): boolean => {
    hearSignals();
    return state.stopped || isOrphan();
  };
  coordinator = new Coordinator({ machine: setting.machine, stop: isStopped });
}

async function search({ options, first, stride, runs = Infinity, timeMs = Infinity }: SearchOrder): Promise<void> {
  if (state.broken !== undefined) throw state.broken;
  if (scenario === undefined || coordinator === undefined) throw new Error('There is no such scenario in its module.');
  const began = performance.now();
  const runner = new Runner(coordinator, scenario, options);
  const tally = { runs: 0, steps: 0, hit: false };
  const take = (report: RunReport): void => {
    tally.runs++;
    tally.steps += report.steps;
    if (report.plan === undefined || !report.confirmed || tally.hit) return;
    tally.hit = true;
    say({ hit: { run: report.run } });
  };
  const takeLast = async (): Promise<void> => {
    const finish = last;
    last = undefined;
    if (finish !== undefined) take(await finish());
  };
  const isUp = (): boolean => performance.now() - began >= timeMs;
  const limits = { run: isUp, confirmation: isUp };
  let last: (() => Promise<RunReport>) | undefined;
  try {
    for (let i = 0; i < runs && !state.stopped && !tally.hit && !isUp(); i++) {
      const finish = await runner.begin(first + i * stride, limits).catch(async (error: unknown) => {
        await takeLast(); // what came before this run counts
        throw error;
      });
      await takeLast();
      last = finish;
    }
    await takeLast();
  } catch (error) {
    if (!(error instanceof RunInterrupted)) throw error;
  } finally {
    coordinator.forgetBegun();
  }
  say({ ended: { runs: tally.runs, steps: tally.steps } });
}

let queue = Promise.resolve();
process.on('message', (message: ToSearcher) => {
  hearSignals(); // one for the search before may be told behind this message
  state.stopped = false;
  queue = queue.then(async () => {
    if ('open' in message) {
      await open(message.open).catch((error: unknown) => {
        state.broken = error instanceof Error ? error : new Error(String(error));
      });
      return;
    }
    await search(message.search).catch((error: unknown) => say({ error: sayError(error, 'SEARCHER_FAILED') }));
  });
});
