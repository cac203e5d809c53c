// What programs in C ask of the C library more seldom: as the kernel would have it, the same in every run and on every machine, or
// refused in a sentence.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { History } from '../../model/history.ts';
import type { Coordinator } from '../../run/coordinator.ts';
import { coordinatorOf, planOf, process, scenarioOf } from '../../testing/lab.test-support.ts';
import { cProgram } from './c-program.test-support.ts';

let coordinator: Coordinator;
let corners: string;
beforeAll(async () => {
  coordinator = await coordinatorOf();
  corners = await cProgram('corners.test-support.c');
}, 300_000);
afterAll(() => coordinator.close());

function run(what: string, command: readonly [string, ...string[]] = [corners, what]): Promise<History> {
  const lab = scenarioOf([process('one', 'corners')]);
  const programs = {
    setup: { ...lab.programs['setup'] } as never,
    corners: { command, host: 'preload' },
  } as const;
  return coordinator.run({ ...lab, programs }, planOf());
}

const said = ({ words = [] }: History) =>
  words
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line !== '')
    .toSorted();

test.each([
  ['folders', ['. .. a.txt b.txt lab.db 0 2 /lockstep/b.txt']],
  ['machine', ['lockstep 4 4 4 22']],
  ['temporary', ['5']],
  ['spawning', ['No such file or directory, then 0 0']],
  ['events', ['-1 Function not implemented', '0 5']],
  ['downgrade', ['has it 0', 'has it 0']],
  ['alarms', ['Alarm clock', 'rings in parent']],
  ['sigwaits', ['-1 Resource temporarily unavailable, User defined signal 1, Alarm clock after 3']],
  ['dates', ['0 then Connection timed out']],
])('%s', async (what, lines) => {
  const history = await run(what);
  expect(said(history)).toEqual(lines);
  expect(history.end).toBe('done');
  expect((await run(what)).hash).toBe(history.hash);
});

test('a shell kills what it has started, and hears that it was there', async () => {
  const script = 'sleep infinity & sleep 1; kill $! && echo sent >&2; wait $!; echo $? >&2';
  const history = await run('', ['/bin/bash', '-c', `${script}; sqlite3 lab.db "SELECT 1"`]);
  expect(said(history)).toEqual(['143', 'sent']);
});

test('a sleep that is longer than any plan lasts until its end', async () => {
  expect(await run('endless')).toMatchObject({ end: 'stopped', endings: [{ ending: { how: 'killed' } }] });
});

test.each([
  ['tree', /walks a tree of files by a function of the C library \(nftw\)/],
  ['timer', /makes a timer that is read as a file \(timerfd_create\)/],
  ['folder of a child', /has a process that it starts change its folder/],
])('%s: refused with a sentence', async (what, says) => {
  await expect(run(what)).rejects.toMatchObject({ message: expect.stringMatching(says) as string });
});
