// A list of a document from elsewhere, in schemas: it says how long it may be before its entries are looked at, and it
// stops looking once there are more complaints than anybody counts. Zod's own arrays look at every entry first.
import { z } from 'zod';
import { countedMax } from './complaints.ts';

/** The schema itself does not tell: its entries are parsed in a function. */
const entries = new WeakMap<z.core.$ZodType, z.core.$ZodType>();

/**
 * @param most entries
 * @param what they are, for the complaint: `faults`
 * @param least entries, 0 by default
 */
export function boundedList<T extends z.ZodType>(entry: T, most: number, what: string, least = 0) {
  const list = z
    .array(z.unknown())
    .min(least, `${what}: at least ${least}`)
    // Written when it is said: the first figure with separators of a process takes 15 ms.
    .max(most, { error: () => `${what}: at most ${most.toLocaleString('en-GB')}, not more` })
    .transform((given, context): z.output<T>[] => {
      const { issues } = context;
      const taken: z.output<T>[] = [];
      for (const [i, value] of given.entries()) {
        const parsed = entry.safeParse(value);
        if (parsed.success) {
          taken.push(parsed.data);
          continue;
        }
        for (const issue of parsed.error.issues)
          issues.push({ ...issue, input: value, path: [i, ...issue.path] } as z.core.$ZodRawIssue);
        if (issues.length >= countedMax) break;
      }
      return taken;
    });
  entries.set(list, entry);
  return list;
}

/** What such a list's entries are; undefined for any other schema, and for what is made of such a list (`.refine`, `.describe`). */
export function entryOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  return entries.get(schema);
}
