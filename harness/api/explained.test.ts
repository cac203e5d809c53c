// The same lost update in four languages: each example's failure is told as a lost update, from what the gate sees. By hand-made steps:
// explain/circumstances.test.ts.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explain } from '../explain/explain.test-support.ts';
import { StepBook } from '../explain/run-steps.ts';
import type { Scenario } from '../model/scenario.ts';
import { Coordinator } from '../run/coordinator.ts';
import { machinesOf } from '../run/machines.ts';
import { search } from '../search/search.ts';
import { long } from '../testing/long.test-support.ts';

/** A scenario of the examples, which import the package by its name: that is this checkout. */
async function jobsOf(language: string): Promise<Scenario> {
  const file = join(language === 'c' ? folder : join(examples, language), 'jobs.scenario.ts');
  const text = readFileSync(file, 'utf8')
    .replace("'lockstep'", JSON.stringify(join(import.meta.dirname, 'index.ts')))
    .replace('import.meta.url', JSON.stringify(pathToFileURL(file).href));
  const copy = join(folder, `${language}.scenario.ts`);
  writeFileSync(copy, text);
  const { default: jobs } = (await import(copy)) as { readonly default: Scenario };
  return jobs;
}

/** The first run that loses an update, as it was found, in sentences. */
async function explained(scenario: Scenario): Promise<readonly string[]> {
  const { engine, parameters } = scenario;
  const machine = (await machinesOf([engine], { programs: Object.values(scenario.programs) })).get(engine);
  if (machine === undefined) throw new Error(`no engine ${engine}`);
  const coordinator = new Coordinator({ machine });
  try {
    const { plan } = await search({
      scenario,
      scenarioModule: '',
      machine,
      coordinator,
      strategy: 'as-is',
      engine,
      parameters,
      runs: 20,
      seed: 1,
      chooser: 'preemptions',
      only: ['no-lost-update'],
    });
    if (plan === undefined) throw new Error('no update was lost');
    const [plain, heard] = [
      await coordinator.run(scenario, plan),
      await coordinator.run(scenario, plan, undefined, [new StepBook()]),
    ];
    expect(heard.hash, 'of a run whose statements are told').toBe(plain.hash);
    const facts = await explain(coordinator, scenario, plan);
    return facts.map(({ sentence }) => sentence);
  } finally {
    coordinator.close();
  }
}

const examples = join(import.meta.dirname, '../../docs/examples');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-explained-'));
  cpSync(join(examples, 'c'), folder, { recursive: true });
  execFileSync('cc', ['-o', join(folder, 'jobs'), join(folder, 'jobs.c'), '-lsqlite3', '-lpthread']);
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each(['python', 'node', 'shell', 'c'])('the lost update of docs/examples/%s is told', long, async (language) => {
  const jobs = await jobsOf(language);
  const told = (await explained(jobs)).join('\n');
  expect(told).toMatch(/^worker-\d\S* read jobs\.db from here to step \d+/m);
  expect(told).toMatch(
    /^worker-\d\S* committed what it had written to jobs\.db .*; worker-\d\S* knows nothing of it\.$/m,
  );
  // What the gate hears in SQL, whichever host: what was read, and what was written on it.
  expect(told).toMatch(/^worker-\d\S* read jobs\.db .*: `SELECT n( \+ 1)? FROM counter` gave \d+/m);
  expect(told).toMatch(/^worker-\d\S* wrote to jobs\.db .*: `UPDATE counter SET n = \d+\S*`.* \(a lost update\)\.$/m);
  expect(told).toMatch(
    /^worker-\d\S* (wrote to|had the lock to write to) jobs\.db .* had read before worker-\d\S* committed: /m,
  );
});
