// A run as a trace that ui.perfetto.dev loads: the rules of the format, held over runs drawn by chance.
import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import type { Timeline, TimelineStep } from '../harness/model/timeline.ts';
import { perfetto } from './perfetto.ts';
import { evidenceOf } from './testing/evidence.test-support.ts';
import { oneCell } from './testing/results.test-support.ts';

interface Event {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly id?: string;
  readonly s?: string;
  readonly args?: Record<string, unknown>;
}

function eventsOf(timeline: Timeline): readonly Event[] {
  const json = JSON.parse(perfetto(timeline, 'a run')) as { traceEvents: Event[] };
  return json.traceEvents;
}

const lanes = ['gateway-1/dispatcher', 'gateway-1/notifier', 'verifier-1', 'gateway-2', 'gateway-1/late'];

const timelines: fc.Arbitrary<Timeline> = fc
  .record({
    first: fc.nat(500),
    acts: fc.array(fc.record({ lane: fc.nat(lanes.length - 1), ms: fc.nat(3), op: fc.nat(1), flags: fc.nat(3) }), {
      minLength: 1,
      maxLength: 60,
    }),
    spans: fc.array(
      fc.record({
        lane: fc.nat(lanes.length - 1),
        from: fc.nat(59),
        length: fc.nat(59),
        open: fc.boolean(),
        lost: fc.boolean(),
      }),
    ),
    events: fc.array(
      fc.record({
        at: fc.nat(59),
        lane: fc.option(fc.nat(lanes.length - 1)),
        kind: fc.constantFrom('fault', 'error', 'commit', 'preemption', 'fact', 'link'),
      }),
    ),
    text: fc.string({ unit: 'binary' }),
  })
  .map(({ first, acts, spans, events, text }): Timeline => {
    let nowMs = 0;
    const steps = acts.map(({ lane, ms, op, flags }, i): TimelineStep => {
      nowMs += ms;
      return [
        first + i,
        lane,
        nowMs,
        op,
        i % 2 === 0 ? -1 : 0,
        0,
        i % 3 === 0 ? { offset: i } : null,
        i % 5 === 0 ? text : null,
        flags,
      ];
    });
    const last = first + acts.length - 1;
    const within = spans.map(({ lane, from, length, open, lost }) => {
      const begin = Math.min(first + from, last);
      const to = open ? null : Math.min(begin + length, last);
      return { lane, from: begin, to, lostAt: lost ? Math.min(begin + 1, to ?? last) : null };
    });
    return {
      format: 1,
      hash: 'abc',
      virtualMs: nowMs,
      total: 1000,
      kept: { from: first, to: last },
      lanes,
      ops: ['lock', text],
      files: ['kanban.db'],
      codes: [0],
      steps,
      locks: within.map((span, i) => ({ ...span, file: 0, what: i % 2 === 0 ? 'SHARED' : 'READ0', exclusive: false })),
      inodes: within.map(({ lane, from, to }, i) => {
        return {
          file: 0,
          generation: i + 1,
          from,
          to,
          how: to === null ? null : 'unlinked',
          by: lane,
          holders: [lane],
        };
      }),
      opens: within.map(({ lane, from, to }, inode) => ({ lane, inode, from, to })),
      messages: within.map(({ lane, from, to }) => ({ sender: lane, queue: 'gateway-2', text, from, to })),
      events: events.map(({ at, lane, kind }) => ({ step: Math.min(first + at, last), lane, kind, text })),
    };
  });

property.prop([timelines], { numRuns: 50 })('slices of a thread nest, and each lies within its turn', (timeline) => {
  const slices = eventsOf(timeline).filter(({ ph }) => ph === 'X');
  for (const own of Map.groupBy(slices, ({ tid }) => tid).values()) {
    const open: { readonly end: number }[] = [];
    for (const { ts = 0, dur = 0, cat } of own) {
      while ((open.at(-1)?.end ?? Infinity) <= ts) open.pop();
      if (ts + dur > (open.at(-1)?.end ?? Infinity))
        expect.fail(`${ts} to ${ts + dur} overlaps what ends at ${open.at(-1)?.end}`);
      open.push({ end: ts + dur });
      if (open.length !== (cat === 'turn' ? 1 : 2)) expect.fail(`a ${cat} at ${ts} in ${open.length - 1} slices`);
    }
  }
  expect(slices.filter(({ cat }) => cat?.startsWith('step'))).toHaveLength(timeline.steps.length);
});

property.prop([timelines], { numRuns: 50 })(
  'every asynchronous span begins once and ends once, later, on the same track',
  (timeline) => {
    const spans = eventsOf(timeline).filter(({ ph }) => ph === 'b' || ph === 'e');
    for (const pair of Map.groupBy(spans, ({ cat, id }) => `${cat} ${id}`).values()) {
      expect(pair.map(({ ph }) => ph)).toEqual(['b', 'e']);
      const [begin, end] = pair;
      expect(end!.ts!).toBeGreaterThan(begin!.ts!);
      expect([end!.name, end!.pid, end!.tid]).toEqual([begin!.name, begin!.pid, begin!.tid]);
    }
    const ids = spans.filter(({ ph }) => ph === 'b').map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  },
);

property.prop([timelines], { numRuns: 50 })(
  'an arrow leads from the last step of each turn to the first of the next',
  (timeline) => {
    const events = eventsOf(timeline);
    const arrows = [
      ...Map.groupBy(
        events.filter(({ ph }) => ph === 's' || ph === 'f'),
        ({ id }) => id,
      ).values(),
    ];
    const switches = timeline.steps.slice(1).filter(([, lane], i) => lane !== timeline.steps[i]?.[1]);
    expect(arrows.map((pair) => pair.map(({ ph }) => ph))).toEqual(switches.map(() => ['s', 'f']));
    const stepAt = new Map(events.filter(({ cat }) => cat?.startsWith('step')).map((step) => [step.ts, step]));
    for (const [from, to] of arrows) {
      expect(to!.ts!).toBe(from!.ts! + 1);
      expect([from!.tid, to!.tid]).toEqual([stepAt.get(from!.ts)?.tid, stepAt.get(to!.ts)?.tid]);
      expect([from!.name, from!.cat]).toEqual([to!.name, to!.cat]);
      // What an arrow is tied to stands before it: Perfetto reads events of one time in the order of the file.
      const places = [stepAt.get(from!.ts)!, from!, stepAt.get(to!.ts)!, to!].map((event) => events.indexOf(event));
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    }
  },
);

property.prop([timelines], { numRuns: 50 })(
  'numbers of processes and threads are small, each names one thing, and all are named',
  (timeline) => {
    const events = eventsOf(timeline);
    const named = (what: string): Map<number, unknown> => {
      const own = events.filter(({ ph, name }) => ph === 'M' && name === `${what}_name`);
      const names = new Map(own.map(({ pid, tid, args }) => [what === 'process' ? pid : tid, args?.['name']]));
      expect(names.size).toBe(own.length);
      return names;
    };
    const [processes, threads] = [named('process'), named('thread')];
    expect([...processes.values()]).toEqual(['gateway-1', 'verifier-1', 'gateway-2', 'run', 'files', 'queues']);
    expect([...threads.values()]).toEqual(['dispatcher', 'notifier', 'verifier-1', 'gateway-2', 'late']);
    for (const { ph, pid, tid, ts } of events) {
      expect(processes.has(pid)).toBe(true);
      if (ph === 'X') expect(threads.has(tid)).toBe(true);
      expect(tid).toBeGreaterThan(0);
      expect(tid).toBeLessThan(1000);
      if (ph !== 'M') expect(Number.isSafeInteger(ts)).toBe(true);
    }
    const times = events.map(({ ts }) => ts ?? -1);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  },
);

property.prop([timelines], { numRuns: 50 })(
  'the same run gives the same bytes, whatever object it is in',
  (timeline) => {
    expect(perfetto(structuredClone(timeline), 'x')).toBe(perfetto(timeline, 'x'));
  },
);

test('what a run is made of: locks and when they were lost, faults, virtual time, arguments', () => {
  const { timeline } = evidenceOf(oneCell().cells[0]!);
  const events = eventsOf({
    ...timeline,
    events: [...timeline.events, { step: 50, lane: null, kind: 'fault', text: 'kill' }],
  });
  const span = (name: string): (number | undefined)[] =>
    events.filter((event) => event.name === name).map(({ ts }) => ts);
  expect(span('kanban.db SHARED')).toEqual([3, 31]);
  expect(span('kanban.db SHARED (lost)')).toEqual([31, 97]);
  expect(span('kanban.db EXCLUSIVE')).toEqual([58, 67]);
  expect(events.find(({ name }) => name === 'fault: kill')).toMatchObject({ ph: 'i', s: 'g', ts: 50 });
  expect(events.filter(({ ph, cat, s }) => ph === 'i' && cat === 'fact' && s === 't')).toHaveLength(
    timeline.events.length,
  );
  const clock = events.filter(({ ph }) => ph === 'C').map(({ args }) => args?.['ms']);
  expect(clock).toEqual([0, 250, 500, 750, 1000, 1250]);
  const read = events.find(({ ph, ts, cat }) => ph === 'X' && ts === 2 && cat === 'step');
  expect(read).toMatchObject({ dur: 1, args: { step: 2, virtualMs: 0, result: 0, arguments: { offset: 4096 } } });
});

test('20,000 steps stay a file that a browser opens', () => {
  const { timeline } = evidenceOf(oneCell().cells[0]!);
  const steps = Array.from(
    { length: 20_000 },
    (_, i): TimelineStep => [i + 1, i % 3, i, 0, 0, 0, { offset: i }, null, 0],
  );
  const text = perfetto({ ...timeline, steps, kept: { from: 1, to: 20_000 }, total: 20_000 }, 'long');
  expect(text.length).toBeLessThan(20_000_000);
});
