// Which key does what. Pure. What stays out: doing it.

export type Command =
  | 'next'
  | 'previous'
  | 'nextOfLane'
  | 'previousOfLane'
  | 'first'
  | 'last'
  | 'nextEvent'
  | 'previousEvent'
  | 'zoomIn'
  | 'zoomOut'
  | 'fit'
  | 'panLeft'
  | 'panRight'
  | 'pageLeft'
  | 'pageRight'
  | 'search';

interface Key {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

const plain: { readonly [key: string]: Command } = {
  ArrowRight: 'next',
  ArrowLeft: 'previous',
  Home: 'first',
  End: 'last',
  n: 'nextEvent',
  p: 'previousEvent',
  '+': 'zoomIn',
  '=': 'zoomIn',
  '-': 'zoomOut',
  f: 'fit',
  0: 'fit',
  a: 'panLeft',
  d: 'panRight',
  PageUp: 'pageLeft',
  PageDown: 'pageRight',
  '/': 'search',
};

const shifted: { readonly [key: string]: Command } = {
  ArrowRight: 'nextOfLane',
  ArrowLeft: 'previousOfLane',
  '+': 'zoomIn',
  '/': 'search',
  N: 'previousEvent',
};

const controlled: { readonly [key: string]: Command } = { ArrowRight: 'panRight', ArrowLeft: 'panLeft' };

/** What a key asks for; null when it is not ours, as all that the browser needs with Alt or Meta. */
export function commandOf(key: Key): Command | null {
  if (key.altKey || key.metaKey) return null;
  if (key.ctrlKey) return controlled[key.key] ?? null;
  return (key.shiftKey ? shifted : plain)[key.key] ?? null;
}

/** The keys in words, for the viewer's help. */
export const keyHelp: readonly (readonly [keys: string, does: string])[] = [
  ['← →', 'one step'],
  ['Shift ← →', 'next step of the same lane'],
  ['n  p', 'next, previous event'],
  ['Home  End', 'first, last step'],
  ['+  −', 'zoom; also Ctrl and wheel, or two fingers'],
  ['f', 'fit the whole run'],
  ['a  d', 'pan; also Ctrl ← →, Shift and wheel, or drag'],
  ['/', 'search'],
];
