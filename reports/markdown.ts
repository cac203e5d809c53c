// A comparison as Markdown, to paste into an issue's thread: the answer first, then a table an engine, then what is folded: why
// each failing cell fails and how to replay it, costs, what was tested. GitHub takes 65,536 characters; what does not fit is
// left out in whole pieces, and a sentence says so. What stays out: timelines, which are pictures.
import { noticedSays } from '../harness/model/noticed.ts';
import { percent } from '../harness/model/percent.ts';
import {
  againstWords,
  evidenceWords,
  oneAtATime,
  outcomeOfVariant,
  skippedWords,
  variantName,
} from './ablation-words.ts';
import { answerOf } from './answer.ts';
import { besideText, designsBeside } from './beside.ts';
import { costBeside, diskWords, referenceOf } from './cost-words.ts';
import { powerSays, powerTable } from './power-words.ts';
import type { Sentence } from './sentence.ts';
import { codeBlock, codeSpan, html, plain } from './markdown-text.ts';
import type { About, ResultAblation, ResultCell, ResultCost, Results } from './results.ts';
import {
  count,
  type Doubt,
  doubtOf,
  effortOf,
  figure,
  howFound,
  invariantsWords,
  listOf,
  missingWords,
  nameOf,
  notShown,
  notShownWords,
  replayCommand,
  replaysLeft,
  violated,
} from './words.ts';

/** Characters that an issue or a comment of GitHub may have. */
const charactersMax = 65_536;

/** Kept free for the sentence about what was left out. */
const reserve = 400;

/**
 * A part that is kept or left out as a whole.
 *
 * @property rank of those that do not fit together, the lower one is kept
 */
interface Block {
  readonly rank: number;
  readonly what:
    | 'head'
    | 'sentence'
    | 'power'
    | 'noticed'
    | 'ablation'
    | 'beside'
    | 'table'
    | 'cell'
    | 'costs'
    | 'about';
  readonly text: string;
}

/** A newline counts twice: a browser sends two characters for it. */
function sizeOf(text: string): number {
  return text.length + text.split('\n').length - 1;
}

function sentenceText({ pieces }: Sentence): string {
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return plain(piece);
      return piece.scenario === undefined ? codeSpan(piece.text) : plain(piece.text);
    })
    .join('');
}

/** Why a cell shows nothing, where the runs that are missing do not say it. */
const unclearText: Readonly<Partial<Record<Doubt, string>>> = {
  'only-replays': ', no random run',
  'reached-by-replay': ', only replays in the window',
};

/** Search and memory, in few signs: the number of the random run that failed, and whether a shipped plan did. */
function foundText({ failedRun, shipped }: ResultCell): string {
  return `search ${failedRun === null ? '–' : `run ${figure(failedRun)}`} · memory ${shipped === null ? '–' : 'yes'}`;
}

function cellText(cell: ResultCell | undefined, bound: number): string {
  if (cell === undefined) return '–';
  switch (cell.verdict) {
    case 'fail':
      return `**FAIL** ${violated(cell).map(plain).join(', ')} · ${foundText(cell)}`;
    case 'inconclusive':
      return doubtOf(cell) === 'unrun'
        ? '*inconclusive*: nothing was run'
        : `*inconclusive*: ${effortOf(cell)}${unclearText[doubtOf(cell)] ?? ''}; ${missingWords(cell, bound)}`;
    case 'error':
      return `*error* ${plain(cell.error?.code ?? '')}`;
    default: {
      const rates = `≤ ${percent(cell.upperBound ?? 1)} (all runs ≤ ${percent(cell.upperBoundAllRuns ?? 1)})`;
      return `pass: ${effortOf(cell)}, ${figure(cell.reached)} in the window, ${rates}`;
    }
  }
}

function tableOf(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

function names(cells: readonly ResultCell[], known: readonly string[], of: (cell: ResultCell) => string): string[] {
  const here = new Set(cells.map(of));
  return [...known.filter((name) => here.has(name)), ...[...here].filter((name) => !known.includes(name))];
}

/** Strategies down, scenarios across. */
function matrixOf(engine: string, { about, cells }: Results): string {
  const own = cells.filter((cell) => cell.engine === engine);
  const known = about.scenarios.map(({ name }) => name);
  const scenarios = names(own, known, ({ scenario }) => scenario);
  const strategies = names(
    own,
    about.strategies.map(({ name }) => name),
    ({ strategy }) => strategy,
  );
  const rows = strategies.map((strategy) => [
    codeSpan(strategy, 'cell'),
    ...scenarios.map((scenario) =>
      cellText(
        own.find((cell) => cell.scenario === scenario && cell.strategy === strategy),
        about.bound,
      ),
    ),
  ]);
  return `#### SQLite ${plain(engine)}\n\n${tableOf([['', ...scenarios.map((name) => plain(name))], ...rows])}`;
}

function folded(summary: string, lines: readonly string[]): string {
  return [`<details><summary>${html(summary)}</summary>`, '', ...lines, '', '</details>'].join('\n');
}

function detailOf(cell: ResultCell, folder: string, bound: number): string {
  if (cell.verdict === 'error') {
    const { code, message } = cell.error ?? { code: 'unknown', message: 'The harness did not say why it failed.' };
    return folded(`${nameOf(cell)}: the harness failed (${code})`, [plain(message)]);
  }
  const steps = cell.explanation.map(({ step, sentence }) => {
    return `- ${step === null ? '' : `step ${figure(step)}: `}${plain(sentence)}`;
  });
  const replay = cell.plan === null ? [] : ['', 'Replay it:', '', codeBlock(replayCommand(cell.plan, folder), 'sh')];
  const left = replaysLeft(cell);
  const words = invariantsWords(cell, bound);
  const judged =
    words.length === 0 ? [] : ['One verdict an invariant:', '', ...words.map((line) => `- ${plain(line)}`), ''];
  return folded(`${nameOf(cell)}: ${violated(cell).join(', ')}`, [
    ...cell.violations.map(({ invariant, message }) => `- **${plain(invariant)}**: ${plain(message)}`),
    ...notShown(cell).map((one) => `- **${plain(one.name)}**: ${plain(notShownWords(one))}`),
    '',
    ...judged,
    plain(left === undefined ? howFound(cell) : `${howFound(cell)} ${left}`),
    ...(steps.length === 0 ? [] : ['', ...steps]),
    ...replay,
  ]);
}

/** What is no violation, and should be known. */
function noticedOf({ cells }: Results): readonly string[] {
  const lines = cells.flatMap((cell) =>
    noticedSays(cell.noticed, cell.runs).map((line) => `- ${plain(nameOf(cell))}: ${plain(line)}`),
  );
  return lines.length === 0 ? [] : [`#### Noticed\n\n${lines.join('\n')}`];
}

/** What power losses in recorded runs came to. */
function powerOf(results: Results): readonly string[] {
  const table = powerTable(results);
  if (table === undefined) return [];
  const rows = table.rows.map((row) => row.map((text) => plain(text).replace(/^FAIL/, '**FAIL**')));
  return [
    ['#### Power losses', ...powerSays.map((line) => `- ${plain(line)}`), tableOf([table.head, ...rows])].join('\n\n'),
  ];
}

/** A row a variant, a paragraph a place where it fails: why, and how to replay it. */
function ablationOf(ablation: ResultAblation, costs: readonly ResultCost[], folder: string): string {
  const { strategy, variants } = ablation;
  const rows = variants.map((variant) => [
    plain(variantName(variant)),
    variant.outcome === 'fails' ? `**${outcomeOfVariant(variant)}**` : outcomeOfVariant(variant),
    [...variant.against.map((place) => plain(againstWords(place))), plain(evidenceWords(variant))].join('<br>'),
    plain(costBeside(variant.strategy, strategy, costs) ?? 'not measured'),
  ]);
  const replays = variants.flatMap(({ against }) => against.flatMap(({ plan }) => plan ?? []));
  const lines = replays.map((plan) => replayCommand(plan, folder)).join('\n');
  return [
    `#### ${plain(strategy)}, taken apart`,
    plain(oneAtATime),
    tableOf([['', 'outcome', 'against what, or how sure', `cost beside ${codeSpan(strategy, 'cell')}`], ...rows]),
    ...skippedWords(ablation).map((line) => `- ${plain(line)}`),
    ...(replays.length === 0 ? [] : [folded('Replay what fails', [codeBlock(lines, 'sh')])]),
  ].join('\n\n');
}

function besideOf(results: Results): readonly string[] {
  const designs = designsBeside(results);
  return designs === undefined ? [] : [`#### Side by side\n\n${codeBlock(besideText(designs, results), 'text')}`];
}

function costsOf(results: Results): string {
  const {
    costs,
    about: { platform, processors },
  } = results;
  const reference = referenceOf(results);
  const rounded = (value: number): string => (value >= 100 ? figure(Math.round(value)) : value.toPrecision(3));
  const rows = costs.map((cost) => [
    codeSpan(cost.strategy, 'cell'),
    plain(cost.engine),
    figure(cost.gateways),
    `${rounded(cost.commitsPerSecond)} (${rounded(cost.commitsPerSecondInterval.low)} to ${rounded(cost.commitsPerSecondInterval.high)})`,
    ...[cost.p50Ms, cost.p95Ms, cost.p99Ms, cost.vfsCallsPerCommit, cost.syncsPerCommit, cost.bytesPerCommit].map(
      rounded,
    ),
    diskWords(cost, reference, costs),
  ]);
  const head = [
    'strategy',
    'SQLite',
    'gateways',
    'commits/s (95 %)',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'VFS calls',
    'syncs',
    'bytes written',
    'disk used',
  ];
  const where = `Measured on ${processors}, ${platform}; VFS calls, syncs and bytes are a commit's.`;
  return folded('What each strategy costs', [plain(where), '', tableOf([head, ...rows])]);
}

function machineOf(about: About): string {
  const { version, code, commit, changed, at, platform, processors, node, seed, chooser, budget, shard } = about;
  const tree = commit === null ? 'no commit' : `commit ${commit.slice(0, 12)}${changed ? ' with changes' : ''}`;
  const spent = budget.runs === null ? `${figure((budget.timeMs ?? 0) / 1000)} s` : count(budget.runs, 'run');
  const part = shard === null ? '' : `, shard ${figure(shard.index)} of ${figure(shard.of)}`;
  const said = `Lockstep ${version}, ${tree}, code ${code.slice(0, 12)}; ${at}; ${platform}, ${processors}, Node ${node}`;
  return `- ${plain(`${said}; seed ${String(seed)}, chooser ${chooser}, budget ${spent}${part}.`)}`;
}

/** Keeps what fits, the lower ranks first, each kept in its place. */
function fitted(blocks: readonly Block[], room: number): ReadonlySet<Block> {
  const kept = new Set<Block>();
  let left = room;
  for (const block of blocks.toSorted((a, b) => a.rank - b.rank)) {
    const size = sizeOf(`${block.text}\n\n`);
    if (size > left) continue;
    left -= size;
    kept.add(block);
  }
  return kept;
}

/** What a block is called when it is left out. */
const called: { readonly [what in Block['what']]: readonly [one: string, many: string] } = {
  cell: ['cell in full', 'cells in full'],
  table: ['table of the matrix', 'tables of the matrix'],
  ablation: ['ablation table', 'ablation tables'],
  beside: ['comparison of designs', 'comparisons of designs'],
  sentence: ['sentence of the answer', 'sentences of the answer'],
  power: ['table of power losses', 'tables of power losses'],
  noticed: ['note on what was noticed', 'notes on what was noticed'],
  costs: ['table of costs', 'tables of costs'],
  about: ['note on what was tested', 'notes on what was tested'],
  head: ['heading', 'headings'],
};

function leftOut(blocks: readonly Block[]): string {
  const byWhat = Map.groupBy(blocks, ({ what }) => what);
  const parts = [...byWhat].map(([what, some]) => count(some.length, ...called[what]));
  const limit = `GitHub takes ${figure(charactersMax)} characters`;
  return `Left out here, since ${limit}: ${listOf(parts)}. All of it is in the result document.`;
}

/** Blocks in their order; the sentences of the answer are one list. */
function joined(blocks: readonly Block[]): string {
  return blocks
    .map(({ what, text }, i) => {
      const before = blocks[i - 1]?.what;
      if (before === undefined) return text;
      return `${what === 'sentence' && before === 'sentence' ? '\n' : '\n\n'}${text}`;
    })
    .join('');
}

/**
 * A comparison as GitHub's Markdown.
 *
 * @param options.title heading
 * @param options.folder of the result document, as seen from where a person types the replay commands; '' when it is that one
 * @returns at most 65,536 characters
 */
export function markdown(
  results: Results,
  { title = 'Lockstep comparison', folder = '' }: { readonly title?: string; readonly folder?: string } = {},
): string {
  const { about, cells, costs, ablation, merged = [about] } = results;
  const told = cells.filter(({ verdict }) => verdict === 'fail');
  const unclear = cells.filter(({ verdict }) => verdict === 'error');
  const engines = names(cells, about.engines, ({ engine }) => engine);
  const blocks: readonly Block[] = [
    { rank: 0, what: 'head', text: `### ${plain(title.slice(0, 200))}` },
    ...answerOf(results).sentences.map((sentence): Block => {
      return { rank: sentence.kind === 'claims' ? 2 : 1, what: 'sentence', text: `- ${sentenceText(sentence)}` };
    }),
    ...(ablation === undefined
      ? []
      : [{ rank: 2, what: 'ablation', text: ablationOf(ablation, costs, folder) } as const]),
    ...besideOf(results).map((text): Block => ({ rank: 2, what: 'beside', text })),
    ...engines.map((engine): Block => ({ rank: 3, what: 'table', text: matrixOf(engine, results) })),
    ...[...told, ...unclear].map(
      (cell): Block => ({ rank: 5, what: 'cell', text: detailOf(cell, folder, about.bound) }),
    ),
    ...powerOf(results).map((text): Block => ({ rank: 4, what: 'power', text })),
    ...noticedOf(results).map((text): Block => ({ rank: 4, what: 'noticed', text })),
    ...(costs.length === 0 ? [] : [{ rank: 4, what: 'costs', text: costsOf(results) } as const]),
    { rank: 1, what: 'about', text: folded('What was tested', merged.map(machineOf)) },
  ];
  const kept = fitted(blocks, charactersMax - reserve);
  const cut = blocks.filter((block) => !kept.has(block));
  const text = joined(blocks.filter((block) => kept.has(block)));
  return cut.length === 0 ? `${text}\n` : `${text}\n\n${leftOut(cut)}\n`;
}
