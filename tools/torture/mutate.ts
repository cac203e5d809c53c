// A text with something changed at random: as JSON, a value, a key, a list; as bytes, a cut or a flipped bit. What stays out:
// what the text means.
import type { Chance } from './chance.ts';

/** Words that no name is made of. */
export const nasty: readonly string[] = [
  '\u001b[31mred\u001b[0m',
  '\u001b]0;title\u0007',
  '\u001b[2J\u001b[1;1H',
  '\u009b31m',
  '\u202eright to left',
  'two\nlines',
  '::error::annotated',
  'a|b`c*d_e<img src=x>',
  '__proto__',
  'constructor',
  '../../../../etc/passwd',
  '\u0000',
  'x'.repeat(20_000),
];

const values: readonly unknown[] = [null, true, -1, 0, 0.5, 1e308, 2 ** 53, -0, '', [], {}, [[[[[[]]]]]], ...nasty];

type Place = { readonly holder: Record<string, unknown>; readonly key: string };

/** Every place of a JSON value at which something stands. */
function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}

/** The JSON text with one to four changes. */
export function mutatedJson(chance: Chance, text: string): string {
  const document = { whole: JSON.parse(text) as unknown };
  for (let i = chance.of([1, 1, 1, 2, 4]); i > 0; i--) {
    const { holder, key } = chance.of(placesIn(document));
    const change = chance.between(0, 5);
    const old = holder[key];
    if (change === 0) delete holder[key];
    else if (change === 1 && typeof old === 'number')
      holder[key] = chance.of([old + 1, old - 1, old * 1000, -old, old + 0.5]);
    else if (change === 2 && Array.isArray(old))
      holder[key] = Array.from({ length: 50 }, () => old as unknown[]).flat();
    else if (change === 3) holder[chance.of(nasty)] = old;
    else if (change === 4)
      holder[key] = chance.of(placesIn(document)).holder[chance.of(placesIn(document)).key] ?? null;
    else holder[key] = chance.of(values);
    if (hasCycle(document)) holder[key] = old;
    if (placesIn(document).length === 0) break;
  }
  return JSON.stringify(document.whole) ?? '';
}

function hasCycle(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return false;
  } catch {
    return true;
  }
}

/** The text with its bytes changed. */
export function mutatedBytes(chance: Chance, text: string): Buffer {
  const bytes = Buffer.from(text);
  const change = chance.between(0, 3);
  if (change === 0) return bytes.subarray(0, chance.between(0, bytes.length));
  if (change === 1) return Buffer.concat([bytes, bytes.subarray(chance.between(0, bytes.length))]);
  if (change === 2) return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]);
  for (let i = chance.between(1, 20); i > 0 && bytes.length > 0; i--) {
    const at = chance.between(0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.between(0, 7));
  }
  return bytes;
}
