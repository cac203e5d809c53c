// A comparison as GitHub's workflow commands: lines on standard output that a workflow shows as annotations. GitHub shows ten
// errors, ten warnings and ten notices a step, and drops the rest without a word (actions/toolkit, problem-matchers.md,
// "Limitations"); so there are at most ten of each, and the notice at the end says what is missing. What stays out: the
// cells in full, which the other outputs have.
import { visible, visibleLines } from '../harness/model/visible.ts';
import { answerOf } from './answer.ts';
import type { ResultCell, Results } from './results.ts';
import { count, figure, keyOf, nameOf, replayCommand, violated, whyInconclusive } from './words.ts';

/** Annotations of a kind that GitHub shows for a step. */
const shownMax = 10;

/** What follows `::`, where GitHub's runner turns these back (actions/toolkit, command.ts). */
function data(text: string): string {
  return visibleLines(text).replaceAll('%', '%25').replaceAll('\n', '%0A');
}

/** A property's value, which ends at a comma or a colon. */
function property(text: string): string {
  return data(visible(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function command(kind: 'error' | 'warning' | 'notice', title: string, lines: readonly string[]): string {
  return `::${kind} title=${property(title)}::${data(lines.join('\n'))}`;
}

function failing(cell: ResultCell, folder: string): string {
  const why = cell.explanation.map(({ sentence }) => sentence).slice(0, 3);
  const said = why.length > 0 ? why : cell.violations.slice(0, 3).map(({ message }) => message);
  const replay = cell.plan === null ? [] : [`Replay it: ${replayCommand(cell.plan, folder)}`];
  return command('error', `${nameOf(cell)} failed: ${violated(cell).join(' and ')}`, [...said, ...replay]);
}

function broken(cell: ResultCell): string {
  const { code, message } = cell.error ?? { code: 'unknown', message: 'It did not say why.' };
  return command('error', `The harness failed in ${nameOf(cell)}: ${code}`, [message]);
}

/**
 * A comparison as annotations.
 *
 * @param options.folder of the result document, as seen from where a person types the replay commands; '' when it is that one
 * @returns lines for standard output; what fails since the baseline first
 */
export function annotations(results: Results, { folder = '' }: { readonly folder?: string } = {}): string {
  const of = (verdict: ResultCell['verdict']): readonly ResultCell[] =>
    results.cells.filter((cell) => cell.verdict === verdict);
  const changed = new Set(results.baseline?.changes.map(keyOf));
  const failed = of('fail').toSorted((a, b) => Number(changed.has(keyOf(b))) - Number(changed.has(keyOf(a))));
  const errors = [...failed.map((cell) => failing(cell, folder)), ...of('error').map(broken)];
  const warnings = of('inconclusive').map((cell) =>
    command('warning', `${nameOf(cell)} is inconclusive`, [whyInconclusive(cell, results.about.bound)]),
  );
  const counts = [
    `${figure(failed.length)} of ${count(results.cells.length, 'cell')} failed`,
    ...(of('error').length > 0 ? [`the harness failed in ${figure(of('error').length)}`] : []),
    ...(warnings.length > 0 ? [`${figure(warnings.length)} inconclusive`] : []),
  ];
  const dropped =
    errors.length + warnings.length - Math.min(errors.length, shownMax) - Math.min(warnings.length, shownMax);
  const rest =
    dropped === 0 ? [] : [`${count(dropped, 'cell')} of these ${dropped === 1 ? 'has' : 'have'} no annotation.`];
  const sentences = answerOf(results).sentences.filter(
    ({ kind }) => kind === 'coverage' || kind === 'survived' || kind === 'choice' || kind === 'partial',
  );
  const summary = [`${counts.join('; ')}.`, ...rest, ...sentences.map(({ text }) => text)];
  const lines = [
    ...errors.slice(0, shownMax),
    ...warnings.slice(0, shownMax),
    command('notice', 'Lockstep comparison', summary),
  ];
  return `${lines.join('\n')}\n`;
}
