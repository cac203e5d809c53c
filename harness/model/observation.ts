// What a lane observed, as a value and as the text that stands in the trace. What stays out: what it means.
import type { Json } from './values.ts';

export interface Observed {
  readonly kind: string;
  readonly data: Json;
}

export function encodeObserved({ kind, data }: Observed): string {
  return JSON.stringify({ kind, data });
}

/** Of the kind `unreadable` is what a lane in another language says that is no observation. */
export function parseObserved(text: string): Observed {
  try {
    const said = JSON.parse(text) as Partial<Observed> | null;
    if (typeof said?.kind === 'string') return said as Observed;
  } catch {
    // No JSON.
  }
  return { kind: 'unreadable', data: text };
}
