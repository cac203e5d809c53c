// Plans and results from strangers: hostile ones, made to reach out of the run's folder, to cost without end, to speak to the
// terminal; and good ones with something changed at random. Nothing outside changes, and one screen says what is wrong.
// What stays out: what each reader refuses, which its own tests say.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Blow } from '../blow.ts';
import { below, controlCharacters } from '../checks.ts';
import { type Command, comparing, walResetPlan } from '../commands.ts';
import { mutatedBytes, mutatedJson, nasty } from '../mutate.ts';
import { type Scene, slowness } from '../scene.ts';
import { interruptNames, interrupts } from './signals.ts';

type Json = Record<string, unknown>;

const at = { step: 40 } as const;

/** Folders and files outside of every run, that must stay as they are. */
class Outside {
  readonly folder: string;
  readonly #before: ReadonlyMap<string, string>;

  constructor({ work }: Scene) {
    this.folder = join(work, 'outside');
    mkdirSync(join(this.folder, 'deep'), { recursive: true });
    for (const name of ['file', 'file-wal', 'deep/file', 'x.db'])
      writeFileSync(join(this.folder, name), `untouched ${name}`);
    this.#before = this.#look(work);
  }

  #look(folder: string): ReadonlyMap<string, string> {
    return new Map(
      below(folder)
        .filter((path) => !/\/(out|npm)(\/|$)/.test(path.slice(folder.length)))
        .map((path) => {
          try {
            return [path, readFileSync(path, 'latin1')];
          } catch {
            return [path, ''];
          }
        }),
    );
  }

  /** What has changed, in the folder where the command was started as well. */
  changes({ work }: Scene): readonly string[] {
    const now = this.#look(work);
    const paths = new Set([...this.#before.keys(), ...now.keys()]);
    return [...paths].filter((path) => this.#before.get(path) !== now.get(path));
  }
}

function planOf(faults: readonly Json[], changes: Json = {}): string {
  const plan = JSON.parse(readFileSync(walResetPlan, 'utf8')) as Json;
  return JSON.stringify({ ...plan, preemptions: [], faults, ...changes });
}

const breaks = ['\n', '\r', '\u2028', '\u2029', '\r\n', '\u0085', '\t', '\u001b[2J'] as const;

function escapingName({ chance }: Scene, outside: string): string {
  const climb = `${'../'.repeat(12)}${outside.slice(1)}`;
  return chance.of([
    `a${chance.of(breaks)}/${climb}/file`,
    `a${chance.of(breaks)}${climb}/x.db`,
    `${outside}/file`,
    `./${climb}/file`,
    `board.db/../${climb}/file`,
    `${chance.of(breaks)}${outside}/file`,
    `file:${outside}/x.db?mode=rwc`,
  ]);
}

const ways = ['rm', 'rm-all', 'mv-aside', 'mv-all', 'cp-over', 'restore', 'rebuild'] as const;

/** What each kind of hostile plan is, given a folder outside. */
const hostile: readonly (readonly [string, (scene: Scene, outside: string) => string])[] = [
  [
    'init-swap of a file outside',
    (scene, outside) => {
      const database = escapingName(scene, outside);
      return planOf([{ kind: 'init-swap', at, way: scene.chance.of(ways), database, init: scene.chance.with(0.5) }]);
    },
  ],
  [
    'corrupt a file outside',
    (scene, outside) =>
      planOf([{ kind: 'corrupt', at, how: 'foreign-bytes', nth: 1, database: escapingName(scene, outside) }]),
  ],
  [
    'flock on a file outside',
    (scene, outside) =>
      planOf([{ kind: 'stalled-lock-holder', at, holds: 'flock', ms: 10, file: escapingName(scene, outside) }]),
  ],
  [
    'a write lock outside',
    (scene, outside) =>
      planOf([{ kind: 'stalled-lock-holder', at, holds: 'write', ms: 10, database: escapingName(scene, outside) }]),
  ],
  [
    'lock-cancel of a file outside',
    (scene, outside) =>
      planOf([{ kind: 'lock-cancel', at, process: 'writer-1', files: 'all', database: escapingName(scene, outside) }]),
  ],
  [
    'SQL that leaves the folder',
    (scene, outside) => {
      const target = scene.chance.of([`${outside}/x.db`, `${outside}/new.db`, 'relative.db', `../../../relative.db`]);
      const statements = scene.chance.of([
        [`VACUUM INTO '${target}'`],
        [`VACUUM INTO 'file:${target}?mode=rwc'`],
        [`ATTACH '${target}' AS o`, 'CREATE TABLE o.made(x)', 'DROP TABLE IF EXISTS o.t'],
        [`ATTACH 'file:${target}?vfs=unix' AS o`, 'CREATE TABLE o.made(x)'],
        [`PRAGMA temp_store_directory='${outside}'`, 'PRAGMA temp_store=FILE', 'CREATE TEMP TABLE z(x)'],
        [`SELECT writefile('${target}', 'x')`],
        [`SELECT load_extension('${outside}/file')`],
      ]);
      return planOf([{ kind: 'mixed-mode', at, statements }]);
    },
  ],
  ['20,000 brackets', () => `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  [
    '20,000 brackets in the workload',
    () => planOf([], { workload: JSON.parse(`${'['.repeat(4000)}${']'.repeat(4000)}`) as unknown }),
  ],
  [
    'many wrong faults',
    ({ chance }) =>
      planOf(
        Array.from({ length: 400 }, () => ({
          kind: chance.of(['kill', 'corrupt', 'nope']),
          at: 'here',
          [`k${'x'.repeat(60)}`]: 1,
        })),
      ),
  ],
  [
    'names that speak to the terminal',
    ({ chance }) => {
      const name = chance.of(nasty);
      return planOf(
        [],
        chance.of<Json>([
          { scenario: name },
          { engine: name },
          { strategy: name },
          { [name]: 1 },
          { faults: [{ kind: name, at }] },
          { faults: [{ kind: 'kill', at, process: name }] },
          { workload: { [name]: 1 } },
          { preemptions: [{ at: 1, to: name }] },
        ]),
      );
    },
  ],
];

const reading = ['replay', 'shrink', 'bisect', 'sweep', 'crash', 'run'] as const;

function commandOn({ chance, out }: Scene, path: string): Command {
  const name = chance.of(reading);
  const more: Readonly<Record<(typeof reading)[number], readonly string[]>> = {
    replay: [],
    shrink: ['--time', '2s', '--out', join(out, 'small.json')],
    bisect: ['--engines', '3.51.2,3.54.1', '--searches', '3'],
    sweep: ['--to', '5', '--out', out],
    crash: ['--states', '20', '--recoveries', '1', '--out', out],
    run: ['--runs', '3', '--no-shrink', '--out', out],
  };
  const args = name === 'run' ? ['run', 'wal-reset', '--plan', path] : [name, path];
  const limit = chance.with(0.5) ? ['--limit', '5'] : [];
  return { name, args: [...args, ...more[name], ...limit], roles: ['lane'] };
}

/** Any of its exit codes that is no crash. */
const anyCode: readonly number[] = [0, 1, 2, 3, 4];

async function hostilePlan(scene: Scene): Promise<string> {
  const { chance, work } = scene;
  const outside = new Outside(scene);
  const [what, make] = chance.of(hostile);
  const path = join(work, 'plan.json');
  writeFileSync(path, make(scene, outside.folder));
  const command = commandOn(scene, path);
  const victim = scene.start(command, { json: chance.with(0.3) });
  const ended = await scene.settle(victim, { codes: anyCode, verdict: false });
  if (/brackets|wrong faults/.test(what)) scene.expect(ended.code === 2, `exit code ${ended.code}, and not 2`);
  rmSync(path);
  const changed = outside.changes(scene).filter((one) => one !== path);
  scene.expect(
    changed.length === 0,
    `changed outside of the run: ${changed
      .slice(0, 3)
      .map((one) => JSON.stringify(one))
      .join(', ')}`,
  );
  return `${what}, ${command.name}: ${ended.code}`;
}

const endless: readonly (readonly [string, string])[] = [
  [
    'SQL that counts for ever',
    planOf([
      {
        kind: 'mixed-mode',
        at,
        statements: ['WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c'],
      },
    ]),
  ],
  [
    '300 orphans',
    planOf(Array.from({ length: 300 }, () => ({ kind: 'orphan', at: { step: 5 }, process: 'writer-1' }))),
  ],
  [
    'a lane that pauses without end',
    planOf(
      Array.from({ length: 50 }, (_, i) => ({ kind: 'pause', at: { step: i + 1 }, lane: 'writer-1', ms: 1e12 })),
      {
        parameters: { gateways: 1, horizonMs: 1e15, stepsMax: 1e15 },
      },
    ),
  ],
  [
    '500 transactions of 16 writers',
    planOf([], {
      workload: {
        writers: Array.from({ length: 16 }, () => ({
          transactions: 500,
          payloadBytes: 4000,
          autocheckpointPages: 0,
          sleepMs: 1,
        })),
        checkpoints: 100_000,
        sleepMs: 1,
      },
    }),
  ],
];

/** Ctrl-C is heard within a second in the middle of all of this; two where processes have to be started or ended. */
const heardMs = 2500;

async function deafPlan(scene: Scene): Promise<string> {
  const { chance, work } = scene;
  const [what, text] = chance.of(endless);
  const path = join(work, 'plan.json');
  writeFileSync(path, text);
  const command: Command = { name: 'replay', args: ['replay', path, '--limit', '60'], roles: ['lane'] };
  const victim = scene.start(command);
  await victim.child('lane', 20_000);
  await victim.after(chance.spread(500, 4000));
  const name = chance.of(interruptNames);
  const struck = performance.now();
  const there = victim.strike(name);
  const ended = await scene.settle(victim, { codes: there ? [interrupts[name]] : anyCode, verdict: !there });
  const tookMs = Math.round(performance.now() - struck);
  if (there) scene.expect(tookMs < heardMs * slowness(), `${name} was heard after ${tookMs} ms`);
  return `${what}, ${there ? `${name} heard after ${tookMs} ms` : 'ended by itself'}: ${ended.code}`;
}

async function mutatedPlan(scene: Scene): Promise<string> {
  const { chance, work } = scene;
  const outside = new Outside(scene);
  const path = join(work, 'plan.json');
  const text = readFileSync(walResetPlan, 'utf8');
  writeFileSync(path, chance.with(0.25) ? mutatedBytes(chance, text) : mutatedJson(chance, text));
  const command = commandOn(scene, path);
  const victim = scene.start(command, { json: chance.with(0.3) });
  await victim.after(20_000);
  // It may be a plan that costs much: then it must hear that it is to stop.
  const stopped = victim.strike('SIGINT');
  const ended = await scene.settle(victim, {
    codes: [...anyCode, ...(stopped ? [130] : [])],
    verdict: false,
    patienceMs: 20_000,
  });
  rmSync(path);
  const changed = outside.changes(scene).filter((one) => one !== path);
  scene.expect(changed.length === 0, `changed outside of the run: ${changed.slice(0, 3).join(', ')}`);
  return `${command.name} of a changed plan${stopped ? ', interrupted' : ''}: ${ended.code}`;
}

/** A result document made once in the scene, changed, and shown. */
async function mutatedResults(scene: Scene): Promise<string> {
  const { chance, out, work } = scene;
  const text = await resultsOf(scene);
  const path = join(out, 'results.json');
  writeFileSync(path, chance.with(0.2) ? mutatedBytes(chance, text) : mutatedJson(chance, text));
  const resumes = chance.with(0.3);
  const { out: _changed, ...like } = comparing(chance, out); // the blow itself may have made it unreadable
  const formats = ['--markdown', join(work, 'out.md'), '--junit', join(work, 'out.xml')];
  const command: Command = resumes
    ? { ...like, args: [...like.args, '--resume'] }
    : { name: 'report', args: ['report', path, '--out', join(work, 'merged'), ...formats], roles: [] };
  const ended = await scene.settle(scene.start(command), { codes: anyCode, verdict: false });
  return `${resumes ? 'compare --resume' : 'report'} on changed results: ${ended.code}`;
}

async function resultsOf(scene: Scene): Promise<string> {
  const victim = scene.start(comparing(scene.chance, scene.out, 2));
  await scene.settle(victim, { codes: [] });
  return readFileSync(join(scene.out, 'results.json'), 'utf8');
}

const injected = '</script><img src=x onerror="window.struck=1"><script>window.struck=1</script><!--<script>';

const sentences = ['message', 'sentence', 'says', 'claim', 'source', 'commit', 'reported'];

/** The words behind everything that is said in a result document. */
function inSentences(text: string, words: string): string {
  const reviver = (key: string, value: unknown): unknown =>
    typeof value === 'string' && sentences.includes(key) ? `${value} ${words}` : value;
  return JSON.stringify(JSON.parse(text, reviver));
}

/** The words in the name of a scenario or a strategy, wherever it stands. */
function inNames(text: string, words: string): string {
  const reviver = (_key: string, value: unknown): unknown => (value === 'wal-reset' ? `wal-reset${words}` : value);
  return JSON.stringify(JSON.parse(text, reviver));
}

/** Words from a result document, in the page and in what is pasted elsewhere. */
async function injection(scene: Scene): Promise<string> {
  const { chance, out, work } = scene;
  const text = await resultsOf(scene);
  const words = `${injected} ${chance.of(nasty)}`;
  const path = join(out, 'results.json');
  writeFileSync(path, chance.with(0.5) ? inSentences(text, words) : inNames(text, words));
  const [markdown, junit, page] = [join(work, 'out.md'), join(work, 'out.xml'), join(work, 'merged')] as const;
  const command: Command = {
    name: 'report',
    args: ['report', path, '--out', page, '--markdown', markdown, '--junit', junit, '--github'],
    roles: [],
  };
  const ended = await scene.settle(scene.start(command), { codes: [0, 1, 2, 3], verdict: false });
  if (ended.code === 2) return `words injected into results, refused: ${ended.code}`;
  const read = (file: string): string => readFileSync(file, 'utf8');
  const html = read(join(page, 'index.html'));
  const before = read(join(out, 'index.html'));
  const count = (given: string): number => given.split(/<\/script/i).length;
  scene.expect(count(html) === count(before), 'words of the results end a script of the page');
  scene.expect(
    !/<img src=x/.test(html.replaceAll(/<script[^>]*>[\s\S]*?<\/script>/g, '')),
    'words of the results are elements of the page',
  );
  for (const [name, given] of [
    ['Markdown', read(markdown)],
    ['XML', read(junit)],
  ] as const) {
    scene.expect(!controlCharacters.test(given), `raw control characters in ${name}`);
  }
  scene.expect(!/^[^`]*(?<!\\)<img src=x/m.test(read(markdown)), 'words of the results are elements of the Markdown');
  scene.expect(!/<img src=x/.test(read(junit)), 'words of the results are elements of the XML');
  return `words injected into results, shown: ${ended.code}`;
}

export const plans: readonly Blow[] = [
  { name: 'hostile-plan', weight: 9, strike: hostilePlan },
  { name: 'endless-plan', weight: 5, strike: deafPlan },
  { name: 'changed-plan', weight: 8, strike: mutatedPlan },
  { name: 'changed-results', weight: 3, strike: mutatedResults },
  { name: 'injection', weight: 2, strike: injection },
];
