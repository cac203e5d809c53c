// Who may import whom, as data: the table in the design ("Rooms"), one line a kind of file. The lint rule
// `lockstep/rooms` reads it. What stays out: how imports are found in a file (lint-plugin.ts).

/** What one kind of file may import, as paths from the repository's root; a path that ends in `/` is a whole room. */
export interface Doors {
  /** For the message: what this kind of file is called. */
  readonly who: string;
  readonly may: readonly string[];
  /** Doors for `import type` only. */
  readonly mayTypes?: readonly string[];
  /** May it import packages and Node's own modules, and load modules with `import()`? Default: yes. */
  readonly packages?: false;
}

const src: Doors = { who: 'src/', may: ['src/', 'harness/lane/world.ts'], packages: false };

/** Kinds of code, first match wins: a file belongs to the first pattern that its path from the root fits. */
const kinds: readonly (readonly [RegExp, Doors])[] = [
  [/^tools\//, { who: 'tools/', may: ['tools/'] }],
  [/^[^/]+$/, { who: 'a configuration file', may: ['tools/'] }],

  [
    /^harness\/.*\.program\.ts$/,
    { who: 'a lane program of harness/', may: ['harness/lane/world.ts', 'harness/**.program.ts'], packages: false },
  ],
  [/^harness\/model\/.*\.(test|bench)\.ts$/, { who: 'a test of harness/model/', may: ['harness/'] }],
  [/^harness\/model\//, { who: 'harness/model/', may: ['harness/model/'], packages: false }],
  [/^harness\//, { who: 'harness/', may: ['harness/', 'package.json'] }],
  [/^src\/.*\.(test|bench)\.ts$/, { who: 'a test of src/', may: ['src/', 'harness/'] }],
  [/^src\//, src],
  [
    /^scenarios\/.*\.program\.ts$/,
    { who: 'a lane program of scenarios/', may: [...src.may, 'scenarios/**.program.ts'], packages: false },
  ],
  [/^scenarios\//, { who: 'scenarios/', may: ['scenarios/', 'src/', 'harness/'] }],
  [/^reports\/.*\.(test|bench)\.ts$/, { who: 'a test of reports/', may: ['reports/', 'harness/'] }],
  // What comes from strangers is read and shown in one way, by pure functions.
  [
    /^reports\//,
    {
      who: 'reports/',
      may: ['reports/', 'harness/model/', 'harness/reading/', 'harness/model/names.ts', 'harness/model/visible.ts'],
      mayTypes: ['harness/history/'],
    },
  ],
  [/^cli\//, { who: 'cli/', may: ['cli/', 'reports/', 'scenarios/', 'src/', 'harness/', 'package.json'] }],
];

/** The doors of a file, by its path from the root; undefined outside all rooms. */
export function doorsOf(path: string): Doors | undefined {
  return kinds.find(([pattern]) => pattern.test(path))?.[1];
}

/** Does `door` lead to `path`? A door is a file, a room (`src/`), or the files of a room with a suffix (`src/**.x.ts`). */
function leadsTo(door: string, path: string): boolean {
  const [room, suffix] = door.split('**');
  if (suffix !== undefined) return path.startsWith(room ?? '') && path.endsWith(suffix);
  return door.endsWith('/') ? path.startsWith(door) : path === door;
}

/**
 * Why a file may not import another one of this repository; undefined when it may.
 *
 * @param from path of the importing file, from the root
 * @param to path of the imported file, from the root
 * @param typesOnly true for `import type` and `export type`
 */
export function refusal(from: string, to: string, typesOnly: boolean): string | undefined {
  const doors = doorsOf(from);
  if (doors === undefined) return `${from} is in no room: give its folder a line in tools/rooms.ts.`;
  const mayTypes = doors.mayTypes ?? [];
  const open = typesOnly ? [...doors.may, ...mayTypes] : doors.may;
  const isTest = /\.(test|bench)\.ts$/;
  if (isTest.test(to) && !isTest.test(from)) return `${to} is a test: only tests may import it.`;
  if (open.some((door) => leadsTo(door, to))) return undefined;
  const types = mayTypes.length === 0 ? '' : `, and types of ${mayTypes.join(', ')}`;
  return `${doors.who} may not import ${to}, only ${doors.may.join(', ')}${types}.`;
}
