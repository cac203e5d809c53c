// Commands as processes of a run: another language's program, unchanged, under the gate.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generalInvariants } from '../judge/invariants/catalogue.ts';
import { judgedBy } from '../judge/judge-history.ts';
import type { Violation } from '../model/invariant.ts';
import type { CommandProgram } from '../model/process.ts';
import { stream } from '../model/random.ts';
import type { Scenario } from '../model/scenario.ts';
import { coordinatorOf, planOf, scenarioOf } from '../testing/lab.test-support.ts';
import { turnsChooser } from './choosers/preemptions.ts';
import type { Coordinator } from './coordinator.ts';

const python = '/usr/bin/python3'; // Debian's: its sqlite3 links SQLite dynamically, and loads extensions

const writer = `
import sqlite3, sys
name = sys.argv[1]
db = sqlite3.connect('lab.db')
for n in range(5):
    db.execute('INSERT INTO t(k, v) VALUES(?, ?)', (n + (100 if name == 'two' else 0), 'x'))
    db.commit()
if name == 'two':
    sys.exit(3)
`;

let folder: string;
let coordinator: Coordinator;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-commands-'));
  writeFileSync(join(folder, 'writer.py'), writer);
  coordinator = await coordinatorOf();
}, 300_000);
afterAll(() => {
  coordinator.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Processes that this one has started and not collected. */
function children(): readonly string[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
}

/** The lab with this command as the one program that is started. */
function alone(command: CommandProgram['command']): Scenario {
  const lab = scenarioOf([{ name: 'one', program: 'py', args: null }]);
  return {
    ...lab,
    programs: { setup: { ...lab.programs['setup'] } as never, py: { command, host: 'python', files: folder } },
  };
}

/** Two Python programs that write to the database of the lab. */
function twoWriters(): Scenario {
  const started = ['one', 'two'].map((name) => ({ name, program: 'py', args: null }));
  const py: CommandProgram = { command: [python, 'writer.py', '{name}'], host: 'python', files: folder };
  const lab = scenarioOf(started);
  return { ...lab, programs: { setup: { ...lab.programs['setup'] } as never, py } };
}

test('two commands write under the gate, end as they end, and replay alike', async () => {
  const chooser = turnsChooser(stream('chooser', 7, 0));
  const found = await coordinator.run(twoWriters(), planOf(), chooser);
  expect(found.autopsy.queries['t']).toHaveLength(10);
  expect(found.endings).toEqual([
    { lane: 'one', ending: { how: 'returned' } },
    { lane: 'two', ending: { how: 'exited', code: 3 } },
  ]);
  expect(found.preemptions.length).toBeGreaterThan(2);
  const again = planOf({ preemptions: found.preemptions });
  for (let i = 0; i < 3; i++) expect((await coordinator.run(twoWriters(), again)).hash).toBe(found.hash);
});

test('a command that never comes under the gate is an error, with its last words', async () => {
  writeFileSync(join(folder, 'stray.sh'), `exec ${python} -I -c "import sys; sys.exit('a stray')"\n`);
  await expect(coordinator.run(alone(['/bin/sh', 'stray.sh']), planOf())).rejects.toMatchObject({
    code: 'COMMAND_NOT_GATED',
    kind: 'usage',
    message: expect.stringMatching(/stray\.sh` ended without having come under the gate.*a stray/s) as string,
  });
});

test('processes of commands that no run asks for any more are given up', async () => {
  writeFileSync(join(folder, 'idle.py'), 'pass\n');
  const before = children().length;
  for (let i = 0; i < 12; i++) await coordinator.run(alone([python, 'idle.py', String(i)]), planOf());
  expect(children().length).toBeLessThan(before + 6);
});

/** What the general invariants say of a run of this script. */
async function violationsOf(script: string): Promise<readonly Violation[]> {
  writeFileSync(join(folder, 'one.py'), `import os, signal, sqlite3, sys, time\n${script}`);
  const scenario = alone([python, 'one.py']);
  return judgedBy(scenario, generalInvariants, await coordinator.run(scenario, planOf()));
}

const writes = "db = sqlite3.connect('lab.db'); db.execute('INSERT INTO t(k, v) VALUES(9, 9)'); db.commit()";

test.each([
  ['goes on until the plan ends', `${writes}\nwhile True: time.sleep(60)`],
  [
    'leaves in its own way when it is asked to',
    `${writes}\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(3))\nwhile True: time.sleep(60)`,
  ],
])('a command that %s violates nothing', async (_what, script) => {
  expect(await violationsOf(script)).toEqual([]);
});

test('a command that fails violates what holds of every lane', async () => {
  expect(await violationsOf(`${writes}\nsys.exit(3)`)).toMatchObject([
    { invariant: 'lanes-end', message: 'one ended with exit code 3' },
  ]);
});

test('a command that works on another database than its scenario is a mistake', async () => {
  await expect(violationsOf("sqlite3.connect('elsewhere.db').execute('CREATE TABLE t(k)')")).rejects.toMatchObject({
    code: 'SCENARIO_INVALID',
    message: expect.stringMatching(/none .* read or wrote "lab\.db" .*worked on: elsewhere\.db\./) as string,
  });
});

test('where a program fails before anybody has made the database, its words are told', async () => {
  const scenario = alone(['python3', '-c', "raise SystemExit('no argument was given')"]);
  const own = { ...scenario, name: 'makes-nothing', database: 'own.db' };
  await expect(coordinator.run(own, planOf({ scenario: own.name }))).rejects.toMatchObject({
    code: 'SCENARIO_INVALID',
    message: expect.stringMatching(
      /there is no file "own\.db" .* Last on the standard error of one: "no argument was given"/,
    ) as string,
  });
});
