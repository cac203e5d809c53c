// JSON from elsewhere: parsed only once it is known to be shallow, since whatever walks a value afterwards (a schema,
// JSON.stringify) may recurse. What stays out: what the value must be (each format's schema).
import { visible } from '../visible.ts';

/** Documents of Lockstep have fewer than ten levels. */
export const depthMax = 50;

/** Room for half a million preemptions and all else that a plan has. */
export const valuesMax = 3_000_000;

interface Shape {
  readonly depth: number;
  /** Values in arrays and objects, roughly: their commas and opening brackets. */
  readonly values: number;
  /** It ends inside of a string, an array or an object. */
  readonly cutOff: boolean;
}

const quote = 0x22;
const backslash = 0x5c;

/** Of text that may be no JSON: without recursion, in one pass. */
function shapeOf(text: string): Shape {
  let depth = 0;
  let deepest = 0;
  let values = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (inString) {
      if (char === backslash) i++;
      else if (char === quote) inString = false;
      continue;
    }
    switch (char) {
      case quote:
        inString = true;
        break;
      case 0x5b: // [
      case 0x7b: // {
        values++;
        depth++;
        deepest = Math.max(deepest, depth);
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
      case 0x2c: // ,
        values++;
        break;
      default:
    }
  }
  return { depth: deepest, values, cutOff: depth > 0 || inString };
}

/** Why there is no value. `too-much`: deeper or larger than any document of Lockstep. */
export type JsonProblem = 'empty' | 'cut-off' | 'too-much' | 'broken';

export type JsonRead =
  | { readonly json: unknown; readonly problem?: undefined }
  /** @property says the end of a sentence that begins with the file: `is empty` */
  | { readonly problem: JsonProblem; readonly says: string };

/** @param text with or without a byte order mark */
export function readJson(text: string): JsonRead {
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (plain.trim() === '') return { problem: 'empty', says: 'is empty' };
  const { depth, values, cutOff } = shapeOf(plain);
  const figure = (number: number): string => number.toLocaleString('en-GB');
  if (depth > depthMax) {
    return { problem: 'too-much', says: `is nested ${figure(depth)} levels deep; at most ${depthMax} are read` };
  }
  if (values > valuesMax) {
    return { problem: 'too-much', says: `has ${figure(values)} values; at most ${figure(valuesMax)} are read` };
  }
  try {
    return { json: JSON.parse(plain) as unknown };
  } catch (error) {
    if (cutOff && /^\s*[[{]/.test(plain)) return { problem: 'cut-off', says: 'is cut off: its end is missing' };
    // The message quotes the text.
    const reason = visible(error instanceof Error ? error.message : String(error)).slice(0, 200);
    return { problem: 'broken', says: `is not JSON: ${reason}` };
  }
}
