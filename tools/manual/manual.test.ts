// The manual: every block of commands in README.md and docs/ is run as it stands, and every link leads somewhere. A block is run in a
// folder of its own with the checkout's docs/ and scenarios/ in it, and Lockstep installed. What stays out: installing (`elsewhere`: the
// package's own test types that), and building this checkout (`checkout`: that is how CI begins). No block of commands is left out
// otherwise: one that is merely to be looked at says so (`illustration`). Only `--time` is cut short: what is found then is no question here.
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { marked, type Token, type Tokens } from 'marked';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { long } from '../../harness/testing/long.test-support.ts';

const root = join(import.meta.dirname, '../..');
const pages = ['README.md', ...globSync('docs/*.md', { cwd: root }).toSorted()];

/** All tokens of a page, those within others too. */
function tokensOf(page: string): readonly Token[] {
  const all: Token[] = [];
  void marked.walkTokens(marked.lexer(readFileSync(join(root, page), 'utf8')), (token) => void all.push(token));
  return all;
}

/** Blocks of commands by the heading that they stand under. */
function blocksOf(page: string): readonly { readonly under: string; readonly script: string }[] {
  let under = page;
  return tokensOf(page).flatMap((token) => {
    if (token.type === 'heading') under = (token as Tokens.Heading).text;
    const { type, lang, text } = token as Tokens.Code;
    return type === 'code' && lang === 'sh' ? [{ under, script: text }] : [];
  });
}

/** What a block may be: run here, run by another, or no commands. */
const known: ReadonlySet<string> = new Set(['sh', 'sh elsewhere', 'sh checkout', 'illustration', 'ts', 'json', 'text']);

/** How a line begins that somebody could type. */
const typed = /^\s*(?:[$>] )?(?:npx|npm|node|lockstep|cc|sh|python3?|sqlite3|cp|docker|kubectl|git) /;

/** Blocks that nobody runs and that could be commands, by page and first line. */
function unrunIn(page: string, tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap((token) => {
    if (token.type !== 'code') return [];
    const { lang = '', text } = token as Tokens.Code;
    const isUnknown = !known.has(lang);
    const isTyped = /^(?:ts|json|text)$/.test(lang) && text.split('\n').some((line) => typed.test(line));
    return isUnknown || isTyped ? [`${page}: ${text.split('\n')[0] ?? ''}`] : [];
  });
}

/** How long a block may take. */
const blockMs = 1_200_000;

/** The commands of a block, with half a minute for what may take minutes or hours. */
function inShort(script: string): readonly string[] {
  return script
    .replaceAll('\\\n', ' ')
    .replaceAll(/--time \d+[mh]\b/g, '--time 30s')
    .split('\n');
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-manual-'));
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  for (const name of ['docs', 'scenarios']) symlinkSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'cli/lockstep.js'), join(folder, 'node_modules/.bin/lockstep'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "reader", "private": true, "type": "module" }');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Exit codes of a verdict: what a command says is no failure of the manual. */
const verdicts = [0, 1, 3];

/** Runs each line. Result: those that ended otherwise, with their last words. */
async function failuresOf(script: string): Promise<readonly string[]> {
  const path = [join(root, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter);
  const failures: string[] = [];
  for (const line of inShort(script)) {
    const options = { cwd: folder, env: { PATH: path }, all: true, reject: false, stdin: 'ignore' } as const;
    const { exitCode, all } = await execa('bash', ['-c', line], options);
    if (!verdicts.includes(exitCode ?? -1)) failures.push(`exit code ${exitCode}: ${line}\n${all.slice(-4000)}`);
  }
  return failures;
}

describe.each(pages)('%s', (page) => {
  test('leads to what is there', () => {
    const links = tokensOf(page).flatMap((token) =>
      token.type === 'link' || token.type === 'image' ? [(token as Tokens.Link).href] : [],
    );
    const files = links.filter((href) => !/^(https?:|#)/.test(href)).map((href) => href.replace(/#.*$/, ''));
    expect(files.filter((file) => !existsSync(join(root, dirname(page), file)))).toEqual([]);
  });

  for (const { under, script } of blocksOf(page)) {
    const what = `what it says to type under "${under}": ${script.split('\n')[0] ?? ''}`;
    test(what, { ...long, timeout: blockMs }, async () => {
      expect(await failuresOf(script)).toEqual([]);
    });
  }
});

test('every block of commands is run by a test, or says that it is an illustration', () => {
  expect(pages.flatMap((page) => unrunIn(page, tokensOf(page)))).toEqual([]);
});

test('only the time for all is cut short, and a command that goes on in the next line is one', () => {
  expect(inShort('run a --time 20s\ncompare --time 90m \\\n  --shrink-time 1m')).toEqual([
    'run a --time 20s',
    'compare --time 30s    --shrink-time 1m',
  ]);
});

test.each([
  ['```\nnpx lockstep list\n```', true],
  ['```bash\nnpx lockstep list\n```', true],
  ['```text\n$ npx lockstep list\nscenarios\n```', true],
  ['    npx lockstep list', true],
  ['```sh\nnpx lockstep list\n```', false],
  ['```illustration\nnpx lockstep list\n```', false],
  ['```text\nFAIL  jobs\n  see it again: npx lockstep replay\n```', false],
])('%j: left out %s', (text, isLeftOut) => {
  expect(unrunIn('page', marked.lexer(text))).toHaveLength(isLeftOut ? 1 : 0);
});

test('a page that nobody is led to is none', () => {
  const linked = new Set(
    pages.flatMap((page) =>
      tokensOf(page).flatMap((token) =>
        token.type === 'link'
          ? [relative(root, join(root, dirname(page), (token as Tokens.Link).href.replace(/#.*$/, '')))]
          : [],
      ),
    ),
  );
  expect(pages.filter((page) => page !== 'README.md' && !linked.has(page))).toEqual([]);
});
