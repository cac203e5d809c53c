// What a result document says of where it comes from: version, code, commit, platform, budget, and the words that its names
// stand for. What stays out: results.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, isAbsolute, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { marks } from '../harness/observe/marks/catalogue.ts';
import { isCommand, type ProgramRef } from '../harness/model/process.ts';
import type { Scenario, ScenarioStrategy } from '../harness/model/scenario.ts';
import packageJson from '../package.json' with { type: 'json' };
import type { About } from '../reports/results.ts';
import { isKanban } from '../scenarios/kanban/is-kanban.ts';
import { ownScenarios, scenarioModuleOf } from '../scenarios/known.ts';
import { choiceIn, parseStrategy } from '../src/strategies/parse.ts';
import { changesOf, saysOfValue } from '../src/strategies/variants.ts';
import type { CellName } from './cells.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** What decides a result: the machine, the simulated system, the scenarios and their shipped plans, and what judges a cell. */
const rooms = ['harness', 'src', 'scenarios', 'compare', 'campaign', 'cli/costs'];

/** Tests and what supports them decide nothing, nor do types (`.d.ts`) beside what is built of the sources. */
const decides = /(?<!\.test|\.test-support|\.bench|\.d)\.(ts|js|c|json|py)$/;

/** What says which packages are used: the published package has no lock file, but exact versions. */
const pins = ['package-lock.json', 'package.json'] as const;

/** What a person's own scenarios are declared in, and their programs, as far as they name a file of them. */
function ownFiles(scenarios: readonly Scenario[]): readonly string[] {
  const own = scenarios.filter((one) => ownScenarios().includes(one));
  const all = own.flatMap(({ name, programs }) => [
    fileURLToPath(scenarioModuleOf(name)),
    ...Object.values(programs).flatMap(filesOf),
  ]);
  return [...new Set(all)];
}

function filesOf(ref: ProgramRef): readonly string[] {
  if (!isCommand(ref)) return [fileURLToPath(ref.module)];
  return ref.command.filter((word) => isAbsolute(word) && existsSync(word) && statSync(word).isFile());
}

/** SHA-256 over the sources that decide a result. */
export function codeDigest(scenarios: readonly Scenario[]): string {
  const hash = createHash('sha256');
  for (const file of pins) if (existsSync(join(root, file))) hash.update(readFileSync(join(root, file)));
  for (const room of rooms) {
    const files = readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).filter((file) =>
      decides.test(file),
    );
    for (const file of files.map((name) => name.split(sep).join('/')).toSorted())
      hash.update(`\0${room}/${file}\0`).update(readFileSync(join(root, room, file)));
  }
  for (const file of ownFiles(scenarios)) hash.update(`\0own/${basename(file)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

/** What git says of the checkout; null where there is no git, or Lockstep is installed: then its version says it. */
async function git(args: readonly string[], signal: AbortSignal): Promise<string | null> {
  if (!existsSync(join(root, '.git'))) return null;
  const options = { stdin: 'ignore', stderr: 'ignore', reject: false, cancelSignal: signal } as const;
  const { exitCode, stdout } = await execa('git', ['-C', root, ...args], options);
  return exitCode === 0 ? stdout.trim() : null;
}

type Given = Pick<About, 'seed' | 'chooser' | 'jobs' | 'budget' | 'bound' | 'short' | 'shard'>;

/**
 * @param cells of this comparison: what has no cell is not listed
 * @param signal ends the wait for git
 */
export async function aboutRun(
  given: Given,
  scenarios: readonly Scenario[],
  cells: readonly CellName[],
  signal: AbortSignal,
): Promise<About> {
  const strategies = new Set(cells.map(({ strategy }) => strategy));
  const [processor] = cpus();
  return {
    version: packageJson.version,
    code: codeDigest(scenarios),
    commit: await git(['rev-parse', 'HEAD'], signal),
    changed: ((await git(['status', '--porcelain'], signal)) ?? '') !== '',
    at: new Date().toISOString(),
    seconds: 0,
    platform: `${process.platform} ${process.arch}`,
    processors: `${cpus().length} × ${processor?.model.trim() ?? 'unknown'}`,
    node: process.versions.node,
    ...given,
    interrupted: false,
    scenarios: scenarios.map(({ name, says, source, window, engine }) => ({ name, says, source, window, engine })),
    strategies: [...strategies].map((name) => ({
      name,
      says: saysOf(scenarios, name),
      ...changesIn(scenarios, cells, name),
    })),
    engines: [...new Set(cells.map(({ engine }) => engine))],
    invariants: byName(scenarios.flatMap((scenario) => scenario.invariants)).map(({ name, says, about }) => {
      return { name, says, about };
    }),
    marks: byName([...marks, ...scenarios.flatMap((scenario) => scenario.marks ?? [])]).map(({ name, says }) => {
      return { name, says };
    }),
  };
}

function shares({ sharesName }: ScenarioStrategy): number {
  return sharesName === true ? 1 : 0;
}

/** What a strategy of the kanban system changes; nothing where it is another system's. */
function changesIn(
  scenarios: readonly Scenario[],
  cells: readonly CellName[],
  strategy: string,
): Pick<About['strategies'][number], 'changes'> {
  const own = scenarios.filter(({ name }) =>
    cells.some((cell) => cell.scenario === name && cell.strategy === strategy),
  );
  return own.some(isKanban) ? { changes: [...changesOf(parseStrategy(strategy))] } : {};
}

/** A combination is said by its parts, and a single choice by what its value does. */
function saysOf(scenarios: readonly Scenario[], strategy: string): string {
  // One that shares its name with others says what it is in its own scenario only.
  const all = scenarios.flatMap((scenario) => scenario.strategies).toSorted((a, b) => shares(a) - shares(b));
  const parts = strategy.split('+').map((part) => all.find(({ name }) => name === part)?.says ?? saysOfChoice(part));
  return parts.join(' · ');
}

function saysOfChoice(part: string): string {
  const choice = part.includes('=') ? choiceIn(part) : undefined;
  return choice === undefined ? '' : saysOfValue(choice.axis, choice.value);
}

function byName<T extends { readonly name: string }>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((one) => [one.name, one])).values()];
}
