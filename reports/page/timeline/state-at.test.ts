import { describe, expect, test } from 'vitest';
import { smallIncident } from './fixture.test-support.ts';
import { stateAt } from './state-at.ts';

const timeline = smallIncident();
const file = (name: string): number => timeline.files.indexOf(name);
const lane = (name: string): number => timeline.lanes.indexOf(name);
const lostLock = timeline.locks.find((span) => span.lostAt !== null)!;
const wal = timeline.inodes.find((span) => span.file === file('kanban.db-wal') && span.generation === 1)!;
const message = timeline.messages[0]!;

function held(step: number): string[] {
  return (stateAt(timeline, step).locks.get(file('kanban.db')) ?? []).map(
    ({ span, lost }) => `${timeline.lanes[span.lane]} ${span.what}${lost ? ' lost' : ''}`,
  );
}

describe('locks', () => {
  test('are held from the step that granted them until the step that ended them', () => {
    expect(held(lostLock.from - 1)).toEqual([]);
    expect(held(lostLock.from)).toEqual(['gateway-1/dispatcher SHARED']);
    expect(held(lostLock.to! - 1)).toContain('gateway-1/dispatcher SHARED lost');
    expect(held(lostLock.to!)).toEqual([]);
  });

  test('are lost from the step at which the kernel dropped them', () => {
    expect(held(lostLock.lostAt! - 1)).toEqual(['gateway-1/dispatcher SHARED']);
    expect(held(lostLock.lostAt!)).toEqual(['gateway-1/dispatcher SHARED lost']);
  });
});

describe('files', () => {
  test('an unlinked file stays as long as somebody has it open, and says who', () => {
    expect(stateAt(timeline, wal.to! - 1).deleted).toEqual([]);
    const { deleted, files } = stateAt(timeline, wal.to!);
    expect(deleted.map(({ span }) => span)).toEqual([wal]);
    expect(deleted[0]?.openIn).toContain(lane('gateway-1/dispatcher'));
    expect(files.map(({ span }) => span)).not.toContain(wal);
  });

  test('a name means its next generation once that was met, while the first is still open elsewhere', () => {
    const second = timeline.inodes.find((span) => span.generation === 2)!;
    const { files, deleted } = stateAt(timeline, second.from);
    expect(files.find(({ span }) => span.file === wal.file)?.span.generation).toBe(2);
    expect(deleted.find(({ span }) => span.file === wal.file)?.openIn).toEqual([lane('gateway-1/dispatcher')]);
  });

  test('nothing is left of it once its last holder is gone', () => {
    expect(stateAt(timeline, timeline.total).deleted).toEqual([]);
  });
});

test('a message waits in its queue until it is taken', () => {
  expect(stateAt(timeline, message.from - 1).queues.size).toBe(0);
  expect(stateAt(timeline, message.from).queues.get('verifier-2')).toEqual([message]);
  expect(stateAt(timeline, message.to!).queues.size).toBe(0);
});

describe('lanes', () => {
  test('stand at their last step so far', () => {
    const { lanes } = stateAt(timeline, 14);
    expect(lanes.map(({ last }) => last?.[0] ?? null)).toEqual([12, 14, null]);
  });

  test('die with their process, and live again when it comes back', () => {
    const death = timeline.events.find((event) => event.kind === 'death')!;
    expect(stateAt(timeline, death.step - 1).lanes.map(({ died }) => died)).toEqual([null, null, null]);
    expect(stateAt(timeline, death.step).lanes.map(({ died }) => died)).toEqual([death.step, death.step, null]);
    const row = timeline.steps.at(-1)!;
    const again = {
      ...timeline,
      steps: [...timeline.steps, [row[0] + 1, 0, ...row.slice(2)] as unknown as typeof row],
    };
    expect(stateAt(again, row[0] + 1).lanes.map(({ died }) => died)).toEqual([null, death.step, null]);
  });
});
