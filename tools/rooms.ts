// Who may import whom, as data: the table in the design ("Rooms"), one line a kind of file. The lint rule
// `lockstep/rooms` reads it. What stays out: how imports are found in a file (lint-plugin.ts).

/** What one kind of file may import, as paths from the repository's root; a path that ends in `/` is a whole room. */
export interface Doors {
  /** For the message: what this kind of file is called. */
  readonly who: string;
  readonly may: readonly string[];
  /** The only packages that it may import; false: none, nor Node's own modules, nor modules by `import()`. Default: any. */
  readonly packages?: false | readonly string[];
}

/**
 * The floors of harness/, from the ground up: each room, and those below it that it may import (types included). A room
 * imports none above it, so that no two import each other. One that stands in another's folder is a room of its own.
 */
const floors: readonly (readonly [string, readonly string[]])[] = [
  ['model', []],
  ['errors', ['model']],
  ['host', ['errors', 'model']],
  ['disk', ['errors', 'model']],
  ['engines', ['host', 'errors', 'model']],
  ['gate', ['engines', 'host', 'errors', 'model']],
  ['lane', ['host', 'errors', 'model']],
  ['lane/native', ['lane', 'gate', 'engines', 'host', 'errors', 'model']],
  ['lane/preload', ['lane', 'gate', 'engines', 'host', 'errors', 'model']],
  ['lane/register', ['lane', 'gate', 'engines', 'host', 'errors', 'model']],
  ['postgres', ['engines', 'host', 'errors', 'model']],
  ['observe', ['host', 'errors', 'model']],
  ['judge', ['observe', 'errors', 'model']],
  ['explain', ['judge', 'observe', 'errors', 'model']],
  [
    'run',
    [
      'postgres',
      'observe',
      'lane/register',
      'lane/preload',
      'lane/native',
      'lane',
      'gate',
      'engines',
      'disk',
      'host',
      'errors',
      'model',
    ],
  ],
  ['crash', ['run', 'judge', 'observe', 'disk', 'host', 'errors', 'model']],
  [
    'search',
    [
      'crash',
      'disk',
      'run',
      'postgres',
      'explain',
      'judge',
      'observe',
      'lane',
      'gate',
      'engines',
      'host',
      'errors',
      'model',
    ],
  ],
  ['api', ['search', 'crash', 'run', 'explain', 'judge', 'observe', 'lane', 'engines', 'host', 'errors', 'model']],
];

/** The highest come first: a room stands above the one in whose folder it is, and the first that fits is a file's own. */
const onFloors = floors.toReversed().map(([room, below]): readonly [RegExp, Doors] => [
  new RegExp(`^harness/${room}/`),
  {
    who: `harness/${room}/`,
    may: [`harness/${room}/`, ...below.map((one) => `harness/${one}/`), ...(room === 'model' ? [] : ['package.json'])],
    ...(room === 'model' ? { packages: ['zod', 'pure-rand'] } : {}),
  },
]);

const world = 'harness/lane/world.ts';

/** The same of src/. Of harness/ a lane program sees its World only; an oracle, the model of what a run leaves, too. */
const srcFloors: readonly (readonly [string, readonly string[]])[] = [
  ['board-file', []],
  ['policies', ['board-file']],
  ['programs/process', ['board-file']],
  ['programs/supervisor', ['programs/process']],
  ['programs/board', ['programs/process', 'policies', 'board-file']],
  ['programs/gateway', ['programs/board', 'programs/process', 'policies', 'board-file']],
  ['programs/worker', ['programs/board', 'board-file']],
  ['programs/cli', ['programs/board', 'board-file']],
  ['programs/holder', ['programs/board', 'board-file']],
  ['programs/dashboard', ['programs/board', 'programs/process', 'board-file']],
  [
    'programs/operator',
    [
      'programs/cli',
      'programs/gateway',
      'programs/board',
      'programs/supervisor',
      'programs/process',
      'policies',
      'board-file',
    ],
  ],
  ['strategies', ['policies']],
  ['oracle', ['strategies', 'programs', 'policies', 'board-file']],
];

const onSrcFloors = srcFloors.map(([room, below]): readonly [RegExp, Doors] => [
  new RegExp(`^src/${room}/`),
  {
    who: `src/${room}/`,
    may: [
      world,
      ...[room, ...below].map((one) => `src/${one}/`),
      ...(room === 'oracle' ? ['harness/model/', 'harness/judge/'] : []),
    ],
    packages: false,
  },
]);

/** What any program that lanes run may import of src/, and what everybody may: all but src/testing/. */
const ofPrograms = ['src/programs/', 'src/policies/', 'src/board-file/'];
const ofSystem = [...ofPrograms, 'src/strategies/', 'src/oracle/'];

/** Kinds of code, first match wins: a file belongs to the first pattern that its path from the root fits. */
const kinds: readonly (readonly [RegExp, Doors])[] = [
  [/^tools\/(manual|reference)\//, { who: 'what tries and makes the manual', may: ['tools/', 'harness/'] }],
  [
    /^tools\//,
    { who: 'tools/', may: ['tools/', 'harness/host/process-state.ts', 'harness/testing/long.test-support.ts'] },
  ],
  [/^[^/]+$/, { who: 'a configuration file', may: ['tools/'] }],

  [
    /^harness\/.*\.program\.ts$/,
    { who: 'a lane program of harness/', may: ['harness/lane/world.ts', 'harness/**.program.ts'], packages: false },
  ],
  [/^harness\/.*\.(test|bench|test-support)\.ts$/, { who: 'a test of harness/', may: ['harness/', 'package.json'] }],
  ...onFloors,
  [/^src\/.*\.(test|bench)\.ts$/, { who: 'a test of src/', may: ['src/', 'harness/'] }],
  [
    /^src\/testing\/.*programs\.test-support\.ts$|^src\/testing\/mutants\//,
    {
      who: 'a lane program of the tests of src/',
      may: [world, ...ofPrograms, 'src/strategies/', 'src/testing/'],
      packages: false,
    },
  ],
  [/^src\/.*\.test-support\.ts$/, { who: 'what tests of src/ share', may: ['src/', 'harness/'] }],
  ...onSrcFloors,
  [/^src\/programs\/catalogue\.ts$/, { who: 'the catalogue of programs', may: [world], packages: false }],
  [
    /^scenarios\/.*\.program\.ts$/,
    { who: 'a lane program of scenarios/', may: [world, ...ofPrograms, 'scenarios/**.program.ts'], packages: false },
  ],
  [
    /^scenarios\/bugs\/.*\.bug\.ts$/,
    { who: 'a bug of the benchmark', may: [world, 'scenarios/', 'harness/model/'], packages: false },
  ],
  [
    /^scenarios\/.*\.(test|bench|test-support)\.ts$/,
    { who: 'a test of scenarios/', may: ['scenarios/', 'src/', 'harness/'] },
  ],
  [/^scenarios\//, { who: 'scenarios/', may: ['scenarios/', ...ofSystem, 'harness/'] }],
  [/^reports\/.*\.(test|bench)\.ts$/, { who: 'a test of reports/', may: ['reports/', 'harness/'] }],
  [/^reports\//, { who: 'reports/', may: ['reports/', 'harness/model/'] }],
  [
    /^compare\//,
    { who: 'compare/', may: ['compare/', 'reports/', 'scenarios/', ...ofSystem, 'harness/', 'package.json'] },
  ],
  [
    /^campaign\//,
    {
      who: 'campaign/',
      may: ['campaign/', 'compare/', 'reports/', 'scenarios/', ...ofSystem, 'harness/', 'package.json'],
    },
  ],
  [
    /^cli\//,
    {
      who: 'cli/',
      may: ['cli/', 'campaign/', 'compare/', 'reports/', 'scenarios/', ...ofSystem, 'harness/', 'package.json'],
    },
  ],
];

/** The doors of a file, by its path from the root; undefined outside all rooms. */
export function doorsOf(path: string): Doors | undefined {
  return kinds.find(([pattern]) => pattern.test(path))?.[1];
}

/** The rooms that stand in the folder of a room of harness/. */
function roomsIn(folder: string): readonly string[] {
  const rooms = floors.map(([room]) => `harness/${room}/`);
  return rooms.includes(folder) ? rooms.filter((one) => one !== folder && one.startsWith(folder)) : [];
}

/** Does `door` lead to `path`? A door is a file, a room (`src/`), or the files of a room with a suffix (`src/**.x.ts`). */
function leadsTo(door: string, path: string): boolean {
  const [room, suffix] = door.split('**');
  if (suffix !== undefined) return path.startsWith(room ?? '') && path.endsWith(suffix);
  if (!door.endsWith('/')) return path === door;
  return path.startsWith(door) && !roomsIn(door).some((one) => path.startsWith(one));
}

/**
 * Why a file may not import another one of this repository, be it for a type only; undefined when it may.
 *
 * @param from path of the importing file, from the root
 * @param to path of the imported file, from the root
 */
export function refusal(from: string, to: string): string | undefined {
  const doors = doorsOf(from);
  if (doors === undefined) return `${from} is in no room: give its folder a line in tools/rooms.ts.`;
  const isTest = /\.(test|bench)\.ts$/;
  if (isTest.test(to) && !isTest.test(from)) return `${to} is a test: only tests may import it.`;
  if (doors.may.some((door) => leadsTo(door, to))) return undefined;
  return `${doors.who} may not import ${to}, only ${doors.may.join(', ')}.`;
}
