// Reads what a lane observed. What stays out: what it means.
import type { Json } from '../model/values.ts';

/** What a lane said; a lane in another language may say something that is no JSON. */
export function readObservation(text: string): { readonly kind: string; readonly data: Json } {
  try {
    return JSON.parse(text) as { readonly kind: string; readonly data: Json };
  } catch {
    return { kind: 'unreadable', data: text };
  }
}
