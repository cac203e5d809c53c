// The text of a scenario to begin with, for one's own program: every line that a person may want to change says what it is. What stays
// out: where it goes.

/**
 * @property command words that start the program, as at a shell
 * @property schema statements that make the tables; empty for none
 * @property query gives keys of rows; undefined for none
 */
export interface Answers {
  readonly command: string;
  readonly database: string;
  readonly schema: string;
  readonly query: string | undefined;
}

/** Words of a command; quotes hold words with spaces together. */
export function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
}

/** As TypeScript writes it. */
const text = (value: string): string =>
  `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;

/** A name of a field. */
const key = (name: string): string => (/^[a-z_]\w*$/i.test(name) ? name : text(name));

const list = (words: readonly string[]): string => `[${words.map(text).join(', ')}]`;

/** How the program is made, and the name of the maker. */
function programOf(command: string): { readonly maker: string; readonly made: string; readonly name: string } {
  const words = wordsOf(command);
  const [first = '', second = '', ...rest] = words;
  const maker = /^(?:python|node)/.exec(first)?.[0] ?? 'command';
  const isScript = maker !== 'command' && second !== '' && !second.startsWith('-');
  const script = isScript ? second : first;
  const name = /[\w-]+(?=(?:\.\w+)?$)/.exec(script)?.[0] ?? 'program';
  if (!isScript) return { maker: 'command', made: `command(${list(words)})`, name };
  return {
    maker,
    made: rest.length === 0 ? `${maker}(${text(second)})` : `${maker}(${text(second)}, ${list(rest)})`,
    name,
  };
}

function template(sql: string): string {
  return `\`\n${sql.replaceAll(/[\\`]|\$\{/g, String.raw`\$&`)}\n  \``;
}

/** @returns name of the scenario, and the file's text */
export function scenarioText({ command, database, schema, query }: Answers): {
  readonly name: string;
  readonly text: string;
} {
  const { maker, made, name } = programOf(command);
  const table = /\bFROM\s+"?([\w-]+)/i.exec(query ?? '')?.[1] ?? 'rows';
  const lines = [
    `// What Lockstep runs of this project: \`npx lockstep run ${name}\`. The file is read as it is; change it as you like.`,
    `import { defineScenario, ${maker} } from 'lockstep';`,
    '',
    'export default defineScenario({',
    '  // Plans and results know the scenario by this name.',
    `  name: ${text(name)},`,
    `  says: ${text(`several processes of \`${command}\` share ${database}`)},`,
    '  // Paths below are relative to this file.',
    '  from: import.meta.url,',
    '',
    '  // The database that the processes share, in the folder of a run: each run begins with a new one, and nothing outside is touched.',
    `  database: ${text(database)},`,
    ...(schema === ''
      ? [
          '  // What it begins with, in SQL. Left out: nothing is there, and the program makes it.',
          "  // setup: 'CREATE TABLE jobs(id INTEGER PRIMARY KEY, state TEXT)',",
        ]
      : [
          `  // What it begins with: the tables that ${database} has here, without their rows. Add some, if the program needs any.`,
          `  setup: ${template(schema)},`,
        ]),
    '',
    '  // The program, unmodified. In its words {name} stands for the name of the process, such as ' + `${name}-1.`,
    `  programs: { ${key(name)}: ${made} },`,
    '  // Who runs beside whom: two processes of it, to begin with.',
    `  start: [{ program: ${text(name)}, times: 2 }],`,
    '',
    ...(query === undefined
      ? [
          '  // Asked when all have ended: rows whose first column is a key.',
          "  // queries: { jobs: 'SELECT id FROM jobs' },",
        ]
      : [
          '  // Asked when all have ended: rows whose first column is a key.',
          `  queries: { ${key(table)}: ${text(query)} },`,
        ]),
    '  // What must hold, beside what always must: the database is sound, nobody lost a lock, every process ends well. An example:',
    '  // invariants: [',
    `  //   invariant('nothing-twice', 'harm', 'no row is there twice', function* ({ autopsy }) {`,
    `  //     const rows = autopsy.queries[${text(query === undefined ? 'jobs' : table)}];`,
    "  //     if (Array.isArray(rows) && new Set(rows.map(([key]) => key)).size < rows.length) yield { message: 'a key is there twice' };",
    '  //   }),',
    '  // ],',
    '',
    '  // What may happen to a run. An example: one process is killed within the first second.',
    `  // faults: ({ random }) => [fault('kill', { at: { timeMs: Math.floor(random() * 1000) }, process: ${text(`${name}-1`)} })],`,
    '',
    '  // Candidate fixes, to be compared with `npx lockstep compare`: another flag, another checkout, another environment.',
    "  // strategies: [{ name: 'as-is', says: 'as it is' }, { name: 'fixed', says: '…', programs: { … } }],",
    '});',
    '',
  ];
  return { name, text: lines.join('\n') };
}
