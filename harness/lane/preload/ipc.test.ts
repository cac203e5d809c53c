// What programs in C have of each other without a file of the run, files that they map into memory, and system calls by their number: each is
// followed, or refused in a sentence that names it and says what to do.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { History } from '../../model/history.ts';
import { stream } from '../../model/random.ts';
import { turnsChooser } from '../../run/choosers/preemptions.ts';
import type { Coordinator } from '../../run/coordinator.ts';
import { coordinatorOf, planOf, process, scenarioOf, StepKeeper } from '../../testing/lab.test-support.ts';
import { cProgram } from './c-program.test-support.ts';

let coordinator: Coordinator;
let program: string;
beforeAll(async () => {
  coordinator = await coordinatorOf();
  program = await cProgram('ipc.test-support.c');
}, 300_000);
afterAll(() => coordinator.close());

function labOf(what: string) {
  const lab = scenarioOf([process('one', 'ipc')]);
  const programs = {
    setup: { ...lab.programs['setup'] } as never,
    ipc: { command: [program, what], host: 'preload' },
  } as const;
  return { ...lab, programs };
}

const said = ({ words = [] }: History) => words.flatMap(({ text }) => text.split('\n')).filter((line) => line !== '');

describe('followed, with one hash by any schedule', () => {
  test.each([
    ['private', ['Jello o', '1 Invalid argument']],
    ['raw', ['hello 0 1 5 1779494400 1']],
    ['held', ['5 5 hello 1 0']],
    ['together', ['1 Connection timed out 1 2']],
    ['pair', ['1048576 2 ok']],
    ['logger', ['-1 Connection refused']],
  ])('%s', async (what, lines) => {
    for (const seed of [1, 2, 3]) {
      const history = await coordinator.run(labOf(what), planOf(), turnsChooser(stream('chooser', seed, 0)));
      expect(said(history)).toEqual(lines);
      expect(history.end).toBe('done');
      const again = await coordinator.run(labOf(what), planOf({ preemptions: history.preemptions }));
      expect(again.hash).toBe(history.hash);
    }
  });

  test('what is mapped is read, and system calls by their number are the steps that they are by name', async () => {
    const stepsOf = async (what: string) => {
      const keeper = new StepKeeper();
      await coordinator.run(labOf(what), planOf(), undefined, [keeper]);
      const steps = keeper.steps.filter(({ file }) => file !== undefined && !file.startsWith('lab.db'));
      return steps.map(({ op, text }) => (op === 'step' ? text : op));
    };
    expect(await stepsOf('private')).toEqual(
      'fdOpen fdWrite fdClose fdOpen fdRead fdOpen fdWrite fdClose fdRead fdRead'.split(' '),
    );
    expect(await stepsOf('raw')).toEqual('fdOpen fdWrite fdRead fdSync stat fdClose'.split(' '));
    expect((await stepsOf('held')).join(' ')).toMatchInlineSnapshot(
      `"fdOpen fdOpen fdWrite fdChmod chmod fdStat fdSync fdSync utime utime stat chown chown allocate fdTruncate fdRead fdWrite symlink lstat stat mkdir rename link unlink fdOpen fdRead fdStat fdClose fdClose fdClose"`,
    );
  });
});

describe('refused in a sentence that names the call and says what to do', () => {
  test.each([
    ['shared', /MAP_SHARED \(mmap\).* let it read and\s+write the file/],
    ['raw and unknown', /makes system call \d+ by its number .* let it call/],
    ['hands', /hands a descriptor to another process \(sendmsg with SCM_RIGHTS\).*: let/],
    ['connect', /connects a socket to a file of the run \(connect\).*: let/],
    ['bind', /\(bind\).*: let/],
    ['listen', /\(listen\).*: let/],
    ['accept', /\(accept\).*: let/],
    ['socket', /opens a socket \(socket\).* Let/],
    ['shmget', /asks for memory by a key \(shmget\).*: let/],
    ['semget', /asks for semaphores by a key \(semget\).*: let/],
    ['msgget', /asks for a queue by a key \(msgget\).*: let/],
    ['shm_open', /opens memory by a name \(shm_open\).*: let/],
    ['mq_open', /opens a queue by a name \(mq_open\).*: let/],
    ['sem_open', /opens a semaphore by a name \(sem_open\).*: let/],
  ])('%s', async (what, says) => {
    await expect(coordinator.run(labOf(what), planOf())).rejects.toMatchObject({
      message: expect.stringMatching(says) as string,
    });
  });
});
