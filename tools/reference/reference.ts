// docs/reference.md, made from the code: what a scenario, a program and a plan can say. `npm run reference` writes it; a test holds
// that it is what the code says (reference.test.ts). The table of settings in docs/postgres.md, too. What stays out: how the code is read (declarations.ts).
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { generalInvariants } from '../../harness/judge/invariants/catalogue.ts';
import { durabilities, durabilitySays, fileSystemModels } from '../../harness/model/file-systems.ts';
import { addressSchema, faultSchema } from '../../harness/model/fault.ts';
import { operations, roles } from '../../harness/model/operations.ts';
import { resultCodes } from '../../harness/model/result-codes.ts';
import { marks } from '../../harness/observe/marks/catalogue.ts';
import { serverSettings } from '../../harness/postgres/settings.ts';
import { faultKinds } from '../../harness/run/faults/catalogue.ts';
import { type Declaration, Declarations } from './declarations.ts';

function source(path: string): Declarations {
  return new Declarations(fileURLToPath(new URL(`../../${path}`, import.meta.url)));
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
}

function interfaceTable({ says, members }: Declaration): string {
  const rows = members.map((member) => [`\`${member.name}${member.type}\``, member.says]);
  return `${says === '' ? '' : `${says}\n\n`}${table(['', ''], rows)}`;
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly default?: unknown;
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly required?: readonly string[];
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
}

function shape({ type, enum: names, items, anyOf, prefixItems }: JsonSchema): string {
  if (names !== undefined) return names.length > 12 ? 'a name' : names.join(' · ');
  if (items !== undefined) return `list: ${shape(items)}`;
  const words = anyOf?.map((one) => one.const ?? shape(one)) ?? [];
  if (words.length > 0) return words.every((one) => one === 'object') ? 'address' : words.join(' · ');
  if (prefixItems !== undefined) return '[from, to]';
  return type ?? 'any';
}

/** The name of a fault's schema in its file: `io-error` is `ioError`. */
function constantOf(kind: string): string {
  return kind.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function faults(): string {
  const declared = source('harness/model/fault.ts');
  const shapes = jsonSchemaOf(faultSchema).oneOf ?? [];
  return Object.values(faultKinds)
    .map(({ kind, says }) => {
      const { properties = {}, required = [] } =
        shapes.find((one) => one.properties?.['kind']?.const === kind) ?? ({} satisfies JsonSchema);
      const docs = new Map(declared.schema(constantOf(kind)).members.map((member) => [member.name, member.says]));
      const rows = Object.entries(properties)
        .filter(([name]) => name !== 'kind')
        .map(([name, field]) => [
          `\`${name}\`${required.includes(name) ? '' : '?'}`,
          shape(field),
          docs.get(name) ?? '',
        ]);
      return `### \`${kind}\`\n\n${says}\n\n${table(['field', 'shape', ''], rows)}`;
    })
    .join('\n\n');
}

function addresses(): string {
  const rows = (jsonSchemaOf(addressSchema).anyOf ?? []).map(({ properties = {}, required = [] }) => [
    Object.keys(properties)
      .map((name) => `\`${name}\`${required.includes(name) ? '' : '?'}`)
      .join(', '),
  ]);
  const says = [
    "before the run's step of this number; 0 is the first",
    'before the `nth` step (1 is the first) of this lane with this operation, and on a file of this role if given',
    "when virtual time reaches it, in ms from the run's start, and no lane is running",
  ];
  return table(
    ['address', ''],
    rows.map(([fields = ''], i) => [fields, says[i] ?? '']),
  );
}

function named(rows: readonly { readonly name: string; readonly says: string }[]): string {
  return table(
    ['name', ''],
    rows.map(({ name, says }) => [`\`${name}\``, says]),
  );
}

/** The page. */
export function reference(): string {
  const world = source('harness/lane/world.ts');
  const scenario = source('harness/model/scenario.ts');
  const process = source('harness/model/process.ts');
  const sections: readonly (readonly [string, string])[] = [
    ['Scenario', interfaceTable(scenario.interface('Scenario'))],
    [
      'Programs',
      ['WorldProgram', 'CommandProgram', 'StartProcess']
        .map((name) => `### \`${name}\`\n\n${interfaceTable(process.interface(name))}`)
        .join('\n\n'),
    ],
    [
      'World',
      ['World', 'Connection', 'OpenOptions', 'Files', 'FileStat', 'Flock', 'ProcessEntry']
        .map((name) => `### \`${name}\`\n\n${interfaceTable(world.interface(name))}`)
        .join('\n\n'),
    ],
    ['Addresses of faults', addresses()],
    ['Faults', faults()],
    ['General invariants', named(generalInvariants)],
    [
      'Models of a file system',
      table(
        ['name', '', 'source'],
        Object.entries(fileSystemModels).map(([name, { says, source: from }]) => [`\`${name}\``, says, from]),
      ),
    ],
    ['Promises', named(durabilities.map((name) => ({ name, says: durabilitySays[name] })))],
    ['General marks', named(marks)],
    ['Operations', `As in a trace: ${operations.map((name) => `\`${name}\``).join(', ')}.`],
    ['Roles of files', `${roles.map((name) => `\`${name}\``).join(', ')}; \`none\` is for steps that touch no file.`],
    [
      'Result codes',
      `What a fault may answer: ${Object.keys(resultCodes)
        .map((name) => `\`${name}\``)
        .join(', ')}.`,
    ],
  ];
  const text = sections.map(([title, body]) => `## ${title}\n\n${body}`).join('\n\n');
  return `# Reference\n\nMade from the code by \`npm run reference\`; a test compares the two.\n\n${text}\n`;
}

export const referencePage = fileURLToPath(new URL('../../docs/reference.md', import.meta.url));
export const postgresPage = fileURLToPath(new URL('../../docs/postgres.md', import.meta.url));

/** What stands between these in docs/postgres.md is made from the code. */
const settingsBegin = '<!-- settings: made by `npm run reference` -->\n';
const settingsEnd = '<!-- end of settings -->\n';

/** The page about the server with its table of settings. @throws where the page has no place for it */
export function withSettings(page: string): string {
  const from = page.indexOf(settingsBegin);
  const to = page.indexOf(settingsEnd);
  if (from < 0 || to < from) throw new Error('docs/postgres.md has no place for the settings of the server.');
  const rows = serverSettings.map(({ name, value, because }) => [
    `\`${name}\``,
    value === '' ? 'empty' : `\`${value}\``,
    because,
  ]);
  return `${page.slice(0, from)}${settingsBegin}${table(['setting', 'value', 'because'], rows)}\n${page.slice(to)}`;
}

if (import.meta.main) {
  writeFileSync(referencePage, reference());
  writeFileSync(postgresPage, withSettings(readFileSync(postgresPage, 'utf8')));
}
