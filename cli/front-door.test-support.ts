// The front door for its tests: commands in real processes, and the documents that scripts rely on.
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import { main } from './main.ts';
import { StandardStream } from './standard-stream.ts';

export const lockstep = fileURLToPath(new URL('./lockstep.js', import.meta.url));

interface Called {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

export interface Env {
  readonly [name: string]: string;
}

/** Runs a command in a folder. */
export async function callIn(cwd: string, args: readonly string[], env: Env = {}): Promise<Called> {
  const got = await execa(process.execPath, [lockstep, ...args], { cwd, env, reject: false, stdin: 'ignore' });
  return { code: got.exitCode, out: got.stdout, err: got.stderr };
}

/** A stream that keeps what it is told. */
export function listener(): { readonly stream: StandardStream; readonly said: () => string } {
  let said = '';
  const stream = new Writable({
    write(text, _encoding, done) {
      said += String(text);
      done();
    },
  });
  return { stream: new StandardStream(stream), said: () => said };
}

/** The same in this process, for what ends before anything is started: a process a command would cost more than the command. */
export async function callHere(args: readonly string[]): Promise<Called> {
  const [out, err] = [listener(), listener()];
  const code = await main(args, { out: out.stream, err: err.stream });
  return { code, out: out.said(), err: err.said() };
}

/** The same with --json; the document must have the shape. */
export async function jsonIn<T extends z.ZodType>(
  cwd: string,
  args: readonly string[],
  shape: T,
): Promise<{ code: number | undefined; document: z.infer<T> }> {
  const { code, out } = await callIn(cwd, [...args, '--json']);
  return { code, document: shape.parse(JSON.parse(out)) };
}

const violations = z.array(z.object({ invariant: z.string(), message: z.string(), step: z.number().nullable() }));
export const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** Of `run` and `shrink` (what scripts rely on). */
export const runShape = z.object({
  format: z.literal(2),
  scenario: z.string(),
  strategy: z.string(),
  engine: z.string(),
  gateways: z.int(),
  chooser: z.string(),
  seed: z.int(),
  verdict: z.enum(['fail', 'pass', 'inconclusive', 'error']),
  runs: z.int(),
  steps: z.int(),
  seconds: z.number(),
  runsPerSecond: z.number(),
  upperBound: z.number().nullable(),
  upperBoundAllRuns: z.number().nullable().optional(),
  missing: z.int().optional(),
  reached: z.int().optional(),
  marks: z.record(z.string(), z.int()),
  violations,
  plan: z.string().nullable(),
  hash,
});

export const replayShape = z.object({
  format: z.literal(1),
  plan: z.string(),
  scenario: z.string(),
  strategy: z.string(),
  engine: z.string(),
  times: z.int(),
  hashes: z.array(hash),
  verdict: z.string(),
  violations,
});

/** Two commits and two checkpoints: small enough for all schedules. */
export const smallPlan = (more: object = {}) => ({
  format: 1,
  scenario: 'wal-reset',
  strategy: 'wal',
  engine: '3.54.1',
  parameters: { gateways: 1, horizonMs: 3_600_000, stepsMax: 1_000_000 },
  workload: {
    writers: [{ transactions: 2, payloadBytes: 300, autocheckpointPages: 3, sleepMs: 1 }],
    checkpoints: 1,
    sleepMs: 1,
  },
  faults: [],
  preemptions: [],
  seed: 4,
  ...more,
});
