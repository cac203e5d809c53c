// docs/howtocorrupt.md, made of what the sections declare and of the shipped plans of their wrong ways. What stays out: running them
// (`lockstep howtocorrupt`).
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PREBUILT_ENGINE } from '../../harness/engines/catalogue.ts';
import { type CorpusEntry, readIndex } from '../corpus-index.ts';
import { sections } from './catalogue.ts';
import { bySection, notHere } from './not-here.ts';
import { page, type Section, type Way } from './section.ts';
import { shippedFile } from './shipped.ts';

export const pageFile = fileURLToPath(new URL('../../docs/howtocorrupt.md', import.meta.url));

const opening = `# How to corrupt an SQLite database file

Made from the code by \`npm run reference\`; a test compares the two. Each section of [SQLite's page of this name](https://${page}) that can be
acted out is a scenario, with wrong ways of doing it, which fail, and right ones, which pass. Numbers and headings are those of the page
as of September 2026 (SQLite 3.53.4). All of them:

\`\`\`sh
npx lockstep howtocorrupt
\`\`\`

tries every way, says what came of it in how many steps, and takes minutes. One of them, or all in a comparison:

\`\`\`sh
npx lockstep run 1.1-stale-descriptor --strategy stale-number
npx lockstep compare --scenarios howtocorrupt --time 10m
\`\`\`

Beside a wrong way stands what its smallest known plan takes: preemptions, faults of the plan, transactions; none at all means that the
default schedule fails. \`${PREBUILT_ENGINE}\` is meant where no other version of SQLite stands.`;

function sizeOf({ preemptions, faults, operations }: CorpusEntry): string {
  return `${preemptions} · ${faults} · ${operations}`;
}

function row({ scenario }: Section, { name, says, wrong, engines = [PREBUILT_ENGINE], measured }: Way): string {
  const plans = readIndex().plans;
  const found = engines.flatMap((engine) => plans[shippedFile(scenario.name, name, engine) ?? ''] ?? []);
  const violated = [...new Set(found.flatMap(({ shows }) => shows))].map((one) => `\`${one}\``).join(', ');
  const where = engines.length === 1 && engines[0] === PREBUILT_ENGINE ? '' : ` (${engines.join(', ')})`;
  const seen = measured ? ' The page does not say so: measured here.' : '';
  const cells = [
    wrong === undefined ? 'right' : 'wrong',
    `\`${name}\`${where}`,
    `${says}.${seen}`,
    violated,
    found.map(sizeOf).join('; '),
  ];
  return `| ${cells.join(' | ')} |`;
}

function sectionText(section: Section): string {
  const { section: number, title, scenario, ways } = section;
  return [
    `## ${number} ${title}`,
    `\`${scenario.name}\`: ${scenario.says}.`,
    [
      '|  | way |  | violated | preemptions · faults · transactions |',
      '| --- | --- | --- | --- | --- |',
      ...ways.map((way) => row(section, way)),
    ].join('\n'),
  ].join('\n\n');
}

export function pageText(): string {
  const rest = notHere.toSorted(bySection).map(({ section, title, why }) => `| ${section} | ${title} | ${why} |`);
  return `${[
    opening,
    ...sections.toSorted(bySection).map(sectionText),
    '## What is not acted out, and why',
    ['| section |  |  |', '| --- | --- | --- |', ...rest].join('\n'),
  ].join('\n\n')}\n`;
}

if (import.meta.main) writeFileSync(pageFile, pageText());
