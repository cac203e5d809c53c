// Many small runs in one coordinator, and what it and its processes hold after a tenth of them and after all. Some runs kill, so
// that processes are forked anew; most use them again. One line of JSON on standard output. Started by its path, with the
// number of runs: `node --expose-gc harness/testing/memory-main.test-support.ts 100000`.
import { readdirSync, readFileSync } from 'node:fs';
import { coordinatorOf, planOf, process as started, scenarioOf } from './lab.test-support.ts';

/** @property residentKb by the name of the program: of a native host all, zygote and lanes, and how many there are */
export interface Held {
  readonly runs: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
  readonly examinerKb: number;
  readonly nativeKb: number;
  readonly natives: number;
  readonly descriptors: number;
  readonly seconds: number;
}

/** Of each child: its program, and the pages that it has to itself or shares (proc(5), VmRSS). */
function children(): readonly { readonly program: string; readonly residentKb: number }[] {
  const ids = readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' '),
  );
  return ids.flatMap((id) => {
    try {
      const residentKb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]);
      return [{ program: readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0')[0] ?? '', residentKb }];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

const began = performance.now();

function held(runs: number): Held {
  globalThis.gc?.();
  const all = children();
  const isNode = ({ program }: { readonly program: string }) => program === process.execPath;
  const sum = (some: typeof all) => some.reduce((kb, { residentKb }) => kb + residentKb, 0);
  const natives = all.filter((child) => !isNode(child));
  const { heapUsed, rss } = process.memoryUsage();
  return {
    runs,
    heapBytes: heapUsed,
    residentBytes: rss,
    examinerKb: sum(all.filter(isNode)),
    nativeKb: sum(natives),
    natives: natives.length,
    descriptors: readdirSync('/proc/self/fd').length,
    seconds: Math.round((performance.now() - began) / 1000),
  };
}

const runs = Number(process.argv[2]);
const scenario = scenarioOf([started('writer', 'inserting', { from: 0, count: 2 }), started('reader', 'reading', 2)]);
const quiet = planOf();
const killing = planOf({ faults: [{ kind: 'kill', at: { lane: 'writer', op: 'write', nth: 2 } }] });
const coordinator = await coordinatorOf();
try {
  const samples: Held[] = [];
  for (let run = 1; run <= runs; run++) {
    await coordinator.run(scenario, run % 10 === 0 ? killing : quiet);
    if (run % Math.ceil(runs / 10) === 0) samples.push(held(run));
  }
  process.stdout.write(`${JSON.stringify(samples)}\n`);
} finally {
  coordinator.close();
}
