// A Node that has all ready and forks a process of a run for each request. It waits where Node loads what comes before a program, and what
// it forks goes on from there: the program is loaded by Node itself. Requests and answers are those of Python's
// (lane/python/lockstep_host/zygote.py). What stays out: how a Node is forked (zygote.c), who asks (run/node-command-starter.ts).
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type Database from 'better-sqlite3';
import { encodeHello } from '../../gate/protocol.ts';
import { forgetting, loadBefore } from './loaded-before.ts';
import { real } from './process-of-run.ts';

/** What programs load most: a process of a run finds it loaded. */
const usual = [
  'node:assert',
  'node:async_hooks',
  'node:events',
  'node:fs/promises',
  'node:os',
  'node:process',
  'node:readline',
  'node:stream/promises',
  'node:timers/promises',
  'node:url',
  'node:util',
  'node:worker_threads',
];

declare global {
  namespace NodeJS {
    interface Process {
      /** Node does what is to be done next, and settles promises: no part of its documented interface. */
      readonly _tickCallback?: () => void;
    }
  }
}

/**
 * @property words behind the program's name
 * @property env all of its environment
 */
interface Request {
  readonly words: readonly string[];
  readonly env: { readonly [name: string]: string };
  readonly detached: boolean;
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** The lines of a FIFO, until nobody is left behind it. */
function* linesOf(fd: number): Generator<string> {
  const bytes = Buffer.alloc(2 ** 16);
  let text = '';
  for (let n = real.fs.readSync(fd, bytes); n > 0; n = real.fs.readSync(fd, bytes)) {
    text += bytes.toString('latin1', 0, n);
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      yield Buffer.from(text.slice(0, end), 'latin1').toString();
      text = text.slice(end + 1);
    }
  }
}

/** So often that Node's own code is compiled as well as it ever is. */
const rehearsals = 40;
const joins = 20_000;
const turnsMax = 1000;

/**
 * Loads modules of each kind, and forgets them: Node's own code that does so is compiled by then.
 *
 * @param folder where they lie (build.ts)
 */
function rehearse(folder: string): void {
  const { _tickCallback: settle } = process;
  if (settle === undefined) return; // what it began the copies would go on with
  const program = pathToFileURL(join(folder, 'rehearsal.mjs')).href;
  for (let i = 0; i < joins; i++) join(folder, '..', `part-${i % 10}`, './rehearsal.cjs');
  const state = { loaded: 0 };
  for (let i = 0; i < rehearsals; i++)
    forgetting(() => {
      real.require(join(folder, 'rehearsal.cjs'));
      void import(`${program}?${i}`).then(() => state.loaded++);
      for (let turns = 0; state.loaded <= i && turns < turnsMax; turns++) settle();
    });
}

/** What is garbage is none of the copies', and what is compiled stays. */
function tidy(): void {
  setFlagsFromString('--no-flush-bytecode');
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-expose-gc');
}

/** Of so many processes it pays: it takes as long as a few of them take less for it. */
const firstRehearsed = 8;

/** What each process would do anew is done before it. */
function getReady(version: string | undefined): void {
  rehearse(__dirname);
  if (version !== undefined) loadBefore(process.argv[1] ?? '', version);
  tidy();
}

/** In the new process. */
function become(control: Database.Database, { words, env, stdin, stdout, stderr }: Request): void {
  const stream = control.prepare('select lockstep_stream(?, ?, ?)').pluck();
  const { O_RDONLY, O_WRONLY, O_CREAT, O_APPEND } = real.fs.constants;
  const out = O_WRONLY | O_CREAT | O_APPEND;
  for (const [fd, path, flags] of [
    [0, stdin, O_RDONLY],
    [1, stdout, out],
    [2, stderr, out],
  ] as const) {
    const errno = stream.get(fd, path, flags) as number;
    if (errno !== 0) throw new Error(`${path}: error ${errno}`);
  }
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.argv.splice(2, Infinity, ...words);
}

/**
 * Serves requests for ever; returns in each process that it forks, with its environment in place.
 *
 * @param control has zygote.c loaded
 * @param inPath FIFO of the requests
 * @param outPath FIFO of the answers
 * @param version of better-sqlite3, of which the engine's binding is; undefined where the engine is what the program brings
 */
export function serve(control: Database.Database, inPath: string, outPath: string, version: string | undefined): void {
  setFlagsFromString('--lazy'); // build.ts
  for (const name of usual) real.require(name);
  const copy = control.prepare('select lockstep_copy(?)').pluck();
  const out = real.fs.openSync(outPath, 'w');
  const requests = real.fs.openSync(inPath, 'r');
  const answer = (pid: number, errno: number) => real.fs.writeSync(out, encodeHello(pid, errno));
  answer(0, 0);
  let forks = 0;
  for (const line of linesOf(requests)) {
    const request = JSON.parse(line) as Request;
    if (++forks === firstRehearsed) getReady(version);
    const pid = copy.get(request.detached ? 1 : 0) as number;
    if (pid === 0) {
      real.fs.closeSync(out);
      real.fs.closeSync(requests);
      become(control, request);
      return;
    }
    answer(Math.max(pid, 0), Math.max(-pid, 0));
  }
  real.exit(0); // the coordinator is gone
}
