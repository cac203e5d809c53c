// Programs in other languages lose the power too, and start again as they did.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { violationsOf } from '../../judge/judge-history.ts';
import type { FaultOf } from '../../model/fault.ts';
import type { Scenario } from '../../model/scenario.ts';
import { coordinatorOf, planOf } from '../../testing/lab.test-support.ts';
import type { Coordinator } from '../coordinator.ts';
import { debianPython, PythonLab } from '../../testing/python-lab.test-support.ts';

vi.setConfig({ testTimeout: 120_000 });

const counting = `
import os, sqlite3, sys, time
name, synchronous = sys.argv[1:3]
with open('started', 'a') as started: started.write(name + '\\n')
child = os.fork()
db = sqlite3.connect('lab.db', timeout=60)
db.execute('PRAGMA synchronous=' + synchronous)
for n in range(12):
    db.execute('INSERT INTO t(v) VALUES(?)', (f'{name} {child == 0} {n}',))
    db.commit()
    time.sleep(0.003)
db.close()
if child == 0: os._exit(0)
os.waitpid(child, 0)
`;

const mapped = `
import ctypes, os, time
fd = os.open('mapped', os.O_RDWR | os.O_CREAT)
os.write(fd, b'x' * 4096)
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
at = libc.mmap(None, 4096, 3, 1, fd, 0)
ctypes.memmove(at, b'y' * 10, 10)
time.sleep(1)
`;

const lab = new PythonLab();
let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
}, 300_000);
afterAll(() => {
  coordinator.close();
  lab.close();
});

const power: FaultOf<'power-loss'> = { kind: 'power-loss', at: { timeMs: 14 }, lost: 'everything', offMs: 10 };

function scenario(synchronous: string): Scenario {
  const program = lab.program('counting', counting, { python: debianPython, words: ['{name}', synchronous] });
  return { ...lab.scenario({ counting: program }), ledger: ['t.k'] };
}

test.each([
  ['FULL', []],
  ['OFF', ['acknowledged-commits']],
] as const)('a program in Python that forks, with synchronous=%s', async (synchronous, violated) => {
  const of = scenario(synchronous);
  const plan = planOf({ faults: [power] });
  const first = await coordinator.run(of, plan);
  for (let i = 0; i < 3; i++) expect((await coordinator.run(of, plan)).hash).toBe(first.hash);
  expect(violationsOf(of, first).map(({ invariant }) => invariant)).toEqual(violated);
  const killed = first.deaths.filter(({ ending }) => ending.how === 'killed').map(({ process }) => process);
  expect(killed).toEqual(['counting', 'counting.1']);
  expect(first.commands).toEqual(['counting', 'counting.boot-2']);
  expect(first.endings.map(({ lane }) => lane)).toEqual(expect.arrayContaining(['counting', 'counting.boot-2']));
});

test('a program that writes through a memory map cannot, and that is said', async () => {
  const program = lab.program('mapped', mapped, { python: debianPython });
  const run = coordinator.run(lab.scenario({ mapped: program }), planOf({ faults: [power] }));
  await expect(run).rejects.toMatchObject({
    code: 'NOT_FOLLOWED',
    message: expect.stringContaining('maps mapped into memory with MAP_SHARED (mmap, by libffi'),
  });
});
