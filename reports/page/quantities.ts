// Measured quantities as text. What stays out: counts and shares (words.ts).
import { figure } from '../words.ts';

/** With three significant digits. */
export function quantity(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 1000) return figure(Math.round(value));
  const digits = 2 - Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(4, Math.max(0, digits)));
}

/** Seconds, in the unit that suits them. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 120) return `${quantity(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${quantity(seconds / 3600)} h`;
}

/** A moment of ISO 8601, to the minute. */
export function moment(at: string): string {
  return at.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*$/, '$1, $2 UTC');
}
