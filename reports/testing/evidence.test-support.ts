// Made-up evidence for made-up results: a plan, what it was before shrinking, and a short timeline. What stays out: real
// runs, whose timelines harness/ makes.
import type { Timeline, TimelineStep } from '../../harness/model/timeline.ts';
import type { Evidence } from '../evidence.ts';
import type { ResultCell, Results } from '../results.ts';

const lanes = ['gateway-1/dispatcher', 'gateway-1/notifier', 'verifier-1'] as const;

function planOf({ scenario, strategy, engine }: ResultCell, messages: number, preemptions: number): object {
  return {
    format: 1,
    scenario,
    strategy,
    engine,
    parameters: { gateways: 1, horizonMs: messages > 1 ? 480_000 : 5473, stepsMax: 1_000_000 },
    workload: {
      gateways: [
        {
          spawnMs: messages > 1 ? 1713 : 0,
          workerStartMs: 0,
          sendMs: 0,
          messages: Array.from({ length: messages }, (_, place) => ({
            atMs: place * 500,
            order: { thinkMs: 0, heartbeats: 0, verdict: 'complete' },
            afterPrevious: false,
            leaks: false,
          })),
        },
      ],
      operator: [],
    },
    faults: [{ kind: 'kill', process: 'verifier-1', at: { lane: 'verifier-1', op: 'write', role: 'wal', nth: 3 } }],
    preemptions: Array.from({ length: preemptions }, (_, place) => ({ at: 31 + place * 9, to: lanes[place % 3] })),
    seed: 1,
  };
}

function timelineOf(cell: ResultCell, length: number): Timeline {
  const steps = Array.from({ length }, (_, place): TimelineStep => {
    const lane = Math.floor(place / 7) % 3;
    return [
      place + 1,
      lane,
      Math.floor(place / 20) * 250,
      place % 5,
      place % 3,
      0,
      place % 5 === 1 ? { offset: place * 4096 } : null,
      null,
      0,
    ];
  });
  return {
    format: 1,
    hash: cell.hash ?? '',
    virtualMs: 5473,
    total: length,
    kept: { from: 1, to: length },
    lanes,
    ops: ['lock', 'read', 'write', 'unlock', 'sync'],
    files: ['kanban.db', 'kanban.db-wal', 'kanban.db-shm'],
    codes: [0, 'SQLITE_IOERR_SHORT_READ'],
    steps,
    locks: [
      { lane: 0, file: 0, what: 'SHARED', exclusive: false, from: 3, to: 96, lostAt: 31 },
      { lane: 2, file: 0, what: 'EXCLUSIVE', exclusive: true, from: 58, to: 66, lostAt: null },
    ],
    inodes: [
      { file: 0, generation: 1, from: 1, to: null, how: null, by: null, holders: [] },
      { file: 1, generation: 1, from: 2, to: 63, how: 'unlinked', by: 2, holders: [0] },
    ],
    opens: [{ lane: 0, inode: 0, from: 1, to: null }],
    messages: [],
    events: cell.explanation.flatMap(({ step, sentence }) =>
      step === null ? [] : [{ step, lane: 0, kind: 'fact' as const, text: sentence }],
    ),
  };
}

/** The evidence of one cell. */
export function evidenceOf(cell: ResultCell): Evidence {
  return { format: 1, plan: planOf(cell, 1, 2), full: planOf(cell, 24, 41), timeline: timelineOf(cell, 120) };
}

/** The evidence of all cells that name some, as the JSON text of a file. */
export function allEvidence(results: Results): ReadonlyMap<string, string> {
  return new Map(
    results.cells.flatMap((cell) =>
      cell.evidence === null ? [] : [[cell.evidence, JSON.stringify(evidenceOf(cell))]],
    ),
  );
}
