// Plans on disk: read with every complaint a sentence. What stays out: what a plan means, and writing (write-whole.ts).
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LockstepError, usageError } from '../errors/errors.ts';
import { makeFolders } from '../host/make-folders.js';
import { complaintsText, shownValue } from '../model/reading/complaints.ts';
import { documentOf, textDocumentOf } from '../model/reading/documents.ts';
import { type JsonProblem, readJson } from '../model/reading/json-text.ts';
import { readText } from '../host/read-text.ts';
import { type Plan, planFormat, planSchema } from '../model/plan.ts';

/** Room for half a million preemptions. */
const planBytesMax = 64 << 20;

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Reads a plan.
 *
 * @throws usage errors: the file cannot be read, is empty, is no JSON, is of another format version, is no plan, or has a power loss in
 *   it; a harness error where the machine does not let it be read
 */
export function readPlan(path: string): Plan {
  const plan = readAnyPlan(path);
  if (plan.crash === undefined) return plan;
  throw usageError(
    'PLAN_WITH_CRASH',
    `In the plan ${path} the power goes ("crash"), and only \`lockstep replay\` takes such a plan.`,
    `Replay it: \`npx lockstep replay ${path}\`; or take "crash" out of it.`,
  );
}

/** Reads a plan in which the power may go. @throws as {@link readPlan} */
export function readAnyPlan(path: string): Plan {
  let text: string;
  try {
    text = readText(path, planBytesMax);
  } catch (error) {
    if (error instanceof LockstepError) throw error;
    throw usageError('PLAN_UNREADABLE', `The plan ${path} cannot be read: ${reason(error)}.`, 'Check the path.', error);
  }
  return parsePlan(text, path);
}

const codes: Readonly<Record<JsonProblem, string>> = {
  empty: 'PLAN_EMPTY',
  'cut-off': 'PLAN_BROKEN',
  broken: 'PLAN_BROKEN',
  'too-much': 'PLAN_TOO_MUCH',
};

/** @param path for the sentences only */
export function parsePlan(text: string, path: string): Plan {
  const again = 'Plans are written by `lockstep run` when it finds something: make a new one, or copy it again.';
  const read = readJson(text);
  const other = read.problem === undefined ? documentOf(read.json) : textDocumentOf(text);
  if (other !== undefined && other.kind !== 'plan')
    throw usageError('PLAN_NOT_PLAN', `${path} is no plan: it is ${other.what}.`, other.remedy.replace('FILE', path));
  if (read.problem !== undefined) throw usageError(codes[read.problem], `The plan ${path} ${read.says}.`, again);
  const { json } = read;
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined;
  if (format !== planFormat) {
    throw usageError(
      'PLAN_FORMAT',
      format === undefined
        ? `The file ${path} has no "format", so it is no plan.`
        : `The plan ${path} has format ${shownValue(format)}; this Lockstep reads format ${planFormat}.`,
      format === undefined ? again : 'Use the version of Lockstep that wrote it.',
    );
  }
  const parsed = planSchema.safeParse(json);
  if (!parsed.success) {
    throw usageError(
      'PLAN_INVALID',
      `The plan ${path} is not valid:\n${complaintsText(parsed.error)}`,
      again,
      parsed.error,
    );
  }
  return parsed.data;
}

/** A plan as text, the same for the same plan. */
export function planText(plan: Plan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

/**
 * Throws a usage error when files cannot be written into `folder`, which is made if it is missing.
 *
 * @param remedy how to name another folder
 */
export function checkWritable(folder: string, remedy = 'Name another folder with --out.'): void {
  const probe = join(folder, `.lockstep-${process.pid}`);
  try {
    makeFolders(resolve(folder));
    rmSync(probe, { force: true });
    writeFileSync(probe, '', { flag: 'wx' }); // not through a link that lies there
    rmSync(probe);
  } catch (error) {
    throw usageError('OUT_UNWRITABLE', `Files cannot be written into ${folder}: ${reason(error)}.`, remedy, error);
  }
}
