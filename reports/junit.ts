// A comparison as JUnit XML, which CI servers read: a suite a scenario, a case a strategy on an engine. A failing cell is a
// failure, a harness error an error, and an inconclusive cell is skipped, since it shows nothing. Attributes as Jenkins and
// the schema of Surefire know them. What stays out: claims and costs, which are no tests.
import { percent } from '../harness/model/percent.ts';
import { visibleLines } from '../harness/model/visible.ts';
import type { ResultCell, Results } from './results.ts';
import {
  count,
  effortOf,
  figure,
  howFound,
  invariantsWords,
  notShown,
  notShownWords,
  replayCommand,
  violated,
  whyInconclusive,
} from './words.ts';

const entities: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // As characters they would be read as spaces within an attribute.
  '\t': '&#9;',
  '\n': '&#10;',
};

function attribute(value: string): string {
  return visibleLines(value).replace(/[&<>"\t\n]/g, (character) => entities[character] ?? character);
}

function text(value: string): string {
  return visibleLines(value).replace(/[&<>]/g, (character) => entities[character] ?? character);
}

function element(name: string, attributes: { readonly [name: string]: string }, content: string): string {
  const said = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(value)}"`);
  return content === '' ? `<${name}${said.join('')}/>` : `<${name}${said.join('')}>${content}</${name}>`;
}

/** Seconds with three places, as Surefire's schema wants them. */
function time(cells: readonly ResultCell[]): string {
  return cells.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3);
}

function failure(cell: ResultCell, folder: string, bound: number): string {
  const [first] = cell.violations;
  const lines = [
    ...cell.violations.map(({ invariant, message }) => `${invariant}: ${message}`),
    ...notShown(cell).map((one) => `${one.name}: ${notShownWords(one)}`),
    '',
    howFound(cell),
    ...invariantsWords(cell, bound),
    ...cell.explanation.map(({ step, sentence }) => (step === null ? sentence : `step ${figure(step)}: ${sentence}`)),
    ...(cell.plan === null ? [] : ['', 'Replay it:', replayCommand(cell.plan, folder)]),
  ];
  const message = first === undefined ? 'an invariant was violated' : `${first.invariant}: ${first.message}`;
  return element('failure', { message, type: violated(cell).join(', ') || 'violation' }, text(lines.join('\n')));
}

function outcome(cell: ResultCell, folder: string, bound: number): string {
  switch (cell.verdict) {
    case 'fail':
      return failure(cell, folder, bound);
    case 'error': {
      const { code, message } = cell.error ?? { code: 'unknown', message: 'The harness failed and did not say why.' };
      return element('error', { message, type: code }, text(message));
    }
    case 'inconclusive':
      return element('skipped', { message: whyInconclusive(cell, bound) }, '');
    default: {
      const window = `${count(cell.reached, 'random run')} in the dangerous window`;
      const rates = `failure rate there at most ${percent(cell.upperBound ?? 1)}, of any run ${percent(cell.upperBoundAllRuns ?? 1)} (95 %)`;
      return element('system-out', {}, text(`Did not fail in ${effortOf(cell)}; ${window}; ${rates}.`));
    }
  }
}

function numbers(cells: readonly ResultCell[]): { readonly [name: string]: string } {
  const of = (verdict: ResultCell['verdict']): string =>
    String(cells.filter((cell) => cell.verdict === verdict).length);
  return {
    tests: String(cells.length),
    failures: of('fail'),
    errors: of('error'),
    skipped: of('inconclusive'),
    time: time(cells),
  };
}

function suite(scenario: string, cells: readonly ResultCell[], { about }: Results, folder: string): string {
  const properties = {
    'lockstep.version': about.version,
    'lockstep.code': about.code,
    'lockstep.commit': about.commit ?? '',
    'lockstep.seed': String(about.seed),
    'lockstep.chooser': about.chooser,
    platform: about.platform,
  };
  const told = Object.entries(properties).map(([name, value]) => element('property', { name, value }, ''));
  const cases = cells.map((cell) => {
    const name = `${cell.strategy} on SQLite ${cell.engine}`;
    return element('testcase', { classname: scenario, name, time: time([cell]) }, outcome(cell, folder, about.bound));
  });
  // Schemas allow no zone: the time is UTC.
  const attributes = { name: scenario, ...numbers(cells), timestamp: about.at.replace(/(\.\d+)?Z$/, '') };
  return element('testsuite', attributes, `\n${element('properties', {}, told.join(''))}\n${cases.join('\n')}\n`);
}

/**
 * A comparison as JUnit XML.
 *
 * @param options.folder of the result document, as seen from where a person types the replay commands; '' when it is that one
 */
export function junit(results: Results, { folder = '' }: { readonly folder?: string } = {}): string {
  const byScenario = Map.groupBy(results.cells, ({ scenario }) => scenario);
  const suites = [...byScenario].map(([scenario, cells]) => suite(scenario, cells, results, folder));
  const all = element(
    'testsuites',
    { name: 'Lockstep comparison', ...numbers(results.cells) },
    `\n${suites.join('\n')}\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${all}\n`;
}
