// What the language has in Node and QuickJS lacks, or does otherwise, as far as JavaScript can mend it. What it cannot mend is a
// gap: whoever reaches for it ends the process, and the coordinator says that the program needs Node. Comes after the polyfills,
// which look for some of it. What stays out: what core-js adds (bundle.ts), and what must be mended in C (quickjs-fixes.ts).
/* oxlint-disable unbound-method, no-array-sort, no-unsafe-return, no-unnecessary-type-conversion -- methods are replaced here, and programs call them with anything */
import { gaps, strange } from './gaps.ts';
import { host } from './host.ts';
import { radixText } from './radix-text.ts';
import { sortArray, sortNumbers } from './sorting.ts';

type Method = (this: never, ...given: never[]) => unknown;

/** Puts methods in the place of what is there; they are called alike, and take as many arguments. */
function replace(owner: object, methods: { readonly [name: string]: Method }): void {
  for (const [name, value] of Object.entries(methods))
    Object.defineProperty(owner, name, { value, writable: true, enumerable: false, configurable: true });
}

/** What a dotted name stands for: `RegExp.prototype`. */
function named(path: string): object {
  return path
    .split('.')
    .reduce<object>((owner, name) => (owner as { [name: string]: object })[name] as object, globalThis);
}

function open(owner: object, name: string, what: string): void {
  const get = (): unknown => host.needsNode(`uses ${what}`);
  Object.defineProperty(owner, name, { get, set: get, enumerable: false, configurable: true });
}

const typedArray = Object.getPrototypeOf(Uint8Array) as typeof Uint8Array;
const { sort: sortByText } = Array.prototype;
const { sort: sortByNumber } = typedArray.prototype;
const { toString: decimal } = Number.prototype;

replace(Array.prototype, {
  sort(this: unknown[], order?: (a: unknown, b: unknown) => number) {
    if (order === undefined || typeof order !== 'function' || !Array.isArray(this)) return sortByText.call(this, order);
    return sortArray(this, order);
  },
  toSorted(this: ArrayLike<unknown>, order?: (a: unknown, b: unknown) => number) {
    const copy = Array.from({ length: this.length }, (_, i) => this[i]);
    return copy.sort(order);
  },
});

replace(typedArray.prototype, {
  sort(this: Uint8Array, order?: (a: number | bigint, b: number | bigint) => number) {
    if (order === undefined || typeof order !== 'function') return sortByNumber.call(this, order);
    return sortNumbers(this as never, order);
  },
  toSorted(this: Uint8Array, order?: (a: number, b: number) => number) {
    return this.slice().sort(order);
  },
});

replace(Number.prototype, {
  toString(this: number, radix?: number) {
    if (radix === undefined || +radix === 10) return decimal.call(this);
    const base = Math.trunc(+radix);
    const value = Number.prototype.valueOf.call(this);
    if (!(base >= 2 && base <= 36) || Number.isSafeInteger(value) || !Number.isFinite(value))
      return decimal.call(this, radix);
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
      host.needsNode('writes a number beyond 2^53 in another radix than ten');
    return radixText(value, base);
  },
});

/** Lanes live in UTC (child-env.ts), which V8 has a name for. */
const zone = ' (Coordinated Universal Time)';
const { toString: dateText, toTimeString: timeText } = Date.prototype;
const withZone = (text: string): string => (text === 'Invalid Date' ? text : `${text}${zone}`);

replace(Date.prototype, {
  toString(this: Date) {
    return withZone(dateText.call(this));
  },
  toTimeString(this: Date) {
    return withZone(timeText.call(this));
  },
});

/** V8 has it; a stack itself is a gap. */
replace(Error, { captureStackTrace() {} });

for (const [owner, names] of Object.entries(gaps))
  for (const name of names)
    open(named(owner), name, owner === 'globalThis' ? name : `${owner}.${name}`.replace('.prototype', ''));
for (const [owner, names] of Object.entries(strange))
  for (const name of names) Reflect.deleteProperty(named(owner), name);

const { toString: source } = Function.prototype;
replace(Function.prototype, {
  toString(this: () => unknown) {
    return typeof this === 'function' ? host.needsNode('reads the source of a function') : source.call(this);
  },
});
