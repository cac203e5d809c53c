// The shapes of names, and of words that are quoted, in what comes from strangers. What stays out: what a name is (names.ts).
import { z } from 'zod';
import { isLaneName, isProcessName } from './names.ts';
import { hasUnseen } from './visible.ts';

const laneName = 'a name such as gateway-1/notifier';

/** Logical names of processes and lanes (names.ts). */
export const nameSchema = z.string({ error: laneName }).refine(isLaneName, laneName);

const processName = 'a name of a process such as gateway-1';
export const processNameSchema = z.string({ error: processName }).refine(isProcessName, processName);

/** Words that a sentence may quote and a reader sees whole, such as the name of a table. */
export function textSchema(charactersMax: number, what: string) {
  return z
    .string({ error: what })
    .min(1, what)
    .max(charactersMax, `${what}, of at most ${charactersMax} characters`)
    .refine((text) => !hasUnseen(text), `${what}, without control characters and line breaks`);
}
