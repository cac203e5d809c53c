// Sorting as V8 does it: a comparator sees the same pairs in the same order as in Node, whatever it does with them. For arrays that
// is Tim Peters's sort (CPython's listsort.txt tells its reasons), for typed arrays a merge sort from above. What stays out: sorts
// without a comparator, which nobody can watch.
/* oxlint-disable no-unnecessary-type-conversion, no-unmodified-loop-condition, no-array-delete -- the sides of a merge shrink in calls; a hole is a hole again */
type Order<T> = (a: T, b: T) => number;

const gallopWins = 7;

interface Run {
  readonly base: number;
  readonly length: number;
}

class TimSort<T> {
  readonly #work: T[];
  readonly #order: Order<T>;
  readonly #runs: Run[] = [];
  #minGallop = gallopWins;

  constructor(work: T[], order: Order<T>) {
    this.#work = work;
    this.#order = order;
  }

  sort(): void {
    const { length } = this.#work;
    if (length < 2) return;
    const least = leastRun(length);
    for (let low = 0; low < length; ) {
      let run = this.#countRun(low, length);
      if (run < least) {
        const forced = Math.min(least, length - low);
        this.#insert(low, low + run, low + forced);
        run = forced;
      }
      this.#runs.push({ base: low, length: run });
      this.#collapse();
      low += run;
    }
    while (this.#runs.length > 1) {
      const n = this.#runs.length - 2;
      this.#mergeAt(n > 0 && this.#lengthOf(n - 1) < this.#lengthOf(n + 1) ? n - 1 : n);
    }
  }

  #at(i: number): T {
    return this.#work[i] as T;
  }
  #lengthOf(run: number): number {
    return (this.#runs[run] as Run).length;
  }

  /** The length of the run that begins at `low`; one that descends is turned round. */
  #countRun(low: number, high: number): number {
    if (low + 1 === high) return 1;
    const descends = +this.#order(this.#at(low + 1), this.#at(low)) < 0;
    let end = low + 2;
    while (end < high && +this.#order(this.#at(end), this.#at(end - 1)) < 0 === descends) end++;
    if (descends) {
      for (let i = low, j = end - 1; i < j; i++, j--) {
        const element = this.#at(i);
        this.#work[i] = this.#at(j);
        this.#work[j] = element;
      }
    }
    return end - low;
  }

  #insert(low: number, sorted: number, high: number): void {
    const [work, order] = [this.#work, this.#order];
    for (let start = sorted; start < high; start++) {
      const pivot = work[start] as T;
      let left = low;
      let right = start;
      while (left < right) {
        const middle = left + ((right - left) >> 1);
        if (+order(pivot, work[middle] as T) < 0) right = middle;
        else left = middle + 1;
      }
      for (let i = start; i > left; i--) work[i] = work[i - 1] as T;
      work[left] = pivot;
    }
  }

  #holds(n: number): boolean {
    return n < 2 || this.#lengthOf(n - 2) > this.#lengthOf(n - 1) + this.#lengthOf(n);
  }

  #collapse(): void {
    while (this.#runs.length > 1) {
      const n = this.#runs.length - 2;
      if (!this.#holds(n + 1) || !this.#holds(n))
        this.#mergeAt(this.#lengthOf(n - 1) < this.#lengthOf(n + 1) ? n - 1 : n);
      else if (this.#lengthOf(n) <= this.#lengthOf(n + 1)) this.#mergeAt(n);
      else return;
    }
  }

  #mergeAt(n: number): void {
    const [a, b] = this.#runs.slice(n) as [Run, Run];
    this.#runs.splice(n, 2, { base: a.base, length: a.length + b.length });
    const skipped = this.#gallopRight(this.#work, this.#at(b.base), a.base, a.length, 0);
    const base = a.base + skipped;
    const length = a.length - skipped;
    if (length === 0) return;
    const kept = this.#gallopLeft(this.#work, this.#at(base + length - 1), b.base, b.length, b.length - 1);
    if (kept === 0) return;
    if (length <= kept) this.#mergeLow(base, length, b.base, kept);
    else this.#mergeHigh(base, length, b.base, kept);
  }

  /** Where `key` belongs, before what equals it. */
  #gallopLeft(array: readonly T[], key: T, base: number, length: number, hint: number): number {
    return this.#gallop(array, base, length, hint, (element) => +this.#order(element, key) < 0);
  }
  /** The same, after what equals it. */
  #gallopRight(array: readonly T[], key: T, base: number, length: number, hint: number): number {
    return this.#gallop(array, base, length, hint, (element) => !(+this.#order(key, element) < 0));
  }

  /** How many elements are `before`, looked for in growing steps from `hint`. */
  #gallop(array: readonly T[], base: number, length: number, hint: number, before: (element: T) => boolean): number {
    const isBefore = (i: number): boolean => before(array[base + i] as T);
    let [last, offset] = [0, 1];
    if (isBefore(hint)) {
      const most = length - hint;
      while (offset < most && isBefore(hint + offset)) [last, offset] = [offset, 2 * offset + 1];
      [last, offset] = [last + hint, Math.min(offset, most) + hint];
    } else {
      const most = hint + 1;
      while (offset < most && !isBefore(hint - offset)) [last, offset] = [offset, 2 * offset + 1];
      [last, offset] = [hint - Math.min(offset, most), hint - last];
    }
    last++;
    while (last < offset) {
      const middle = last + ((offset - last) >> 1);
      if (isBefore(middle)) last = middle + 1;
      else offset = middle;
    }
    return offset;
  }

  #mergeLow(baseA: number, allA: number, baseB: number, allB: number): void {
    const work = this.#work;
    const a = work.slice(baseA, baseA + allA);
    let [atA, atB, to, lengthA, lengthB] = [0, baseB, baseA, allA, allB];
    const takeA = (): void => {
      work[to++] = a[atA++] as T;
      lengthA--;
    };
    const takeB = (): void => {
      work[to++] = work[atB++] as T;
      lengthB--;
    };
    const over = (): boolean => lengthA <= 1 || lengthB === 0;
    takeB();
    this.#merge(
      over,
      () => {
        if (+this.#order(work[atB] as T, a[atA] as T) < 0) return takeB(), 'b';
        return takeA(), 'a';
      },
      () => {
        const winsA = this.#gallopRight(a, work[atB] as T, atA, lengthA, 0);
        for (let i = 0; i < winsA; i++) takeA();
        if (winsA > 0 && lengthA <= 1) return [winsA, 0];
        takeB();
        if (lengthB === 0) return [winsA, 0];
        const winsB = this.#gallopLeft(work, a[atA] as T, atB, lengthB, 0);
        for (let i = 0; i < winsB; i++) takeB();
        if (winsB > 0 && lengthB === 0) return [winsA, winsB];
        takeA();
        return [winsA, winsB];
      },
    );
    while (lengthB > 0) takeB();
    while (lengthA > 0) takeA();
  }

  #mergeHigh(baseA: number, allA: number, baseB: number, allB: number): void {
    const work = this.#work;
    const b = work.slice(baseB, baseB + allB);
    let [to, lengthA, lengthB] = [baseB + allB - 1, allA, allB];
    const takeA = (): void => {
      work[to--] = work[baseA + --lengthA] as T;
    };
    const takeB = (): void => {
      work[to--] = b[--lengthB] as T;
    };
    const over = (): boolean => lengthA === 0 || lengthB <= 1;
    takeA();
    this.#merge(
      over,
      () => {
        if (+this.#order(b[lengthB - 1] as T, work[baseA + lengthA - 1] as T) < 0) return takeA(), 'a';
        return takeB(), 'b';
      },
      () => {
        const key = b[lengthB - 1] as T;
        const winsA = lengthA - this.#gallopRight(work, key, baseA, lengthA, lengthA - 1);
        for (let i = 0; i < winsA; i++) takeA();
        if (winsA > 0 && lengthA === 0) return [winsA, 0];
        takeB();
        if (lengthB === 1) return [winsA, 0];
        const winsB = lengthB - this.#gallopLeft(b, work[baseA + lengthA - 1] as T, 0, lengthB, lengthB - 1);
        for (let i = 0; i < winsB; i++) takeB();
        if (winsB > 0 && lengthB <= 1) return [winsA, winsB];
        takeA();
        return [winsA, winsB];
      },
    );
    while (lengthA > 0) takeA();
    while (lengthB > 0) takeB();
  }

  /**
   * @param over whether one side is as good as empty
   * @param one takes an element of one side
   * @param gallop takes what it can of both, and says how many it took at a stretch
   */
  #merge(over: () => boolean, one: () => 'a' | 'b', gallop: () => readonly [number, number]): void {
    while (!over()) {
      let [winsA, winsB] = [0, 0];
      do {
        if (one() === 'a') [winsA, winsB] = [winsA + 1, 0];
        else [winsA, winsB] = [0, winsB + 1];
        if (over()) return;
      } while (winsA < this.#minGallop && winsB < this.#minGallop);
      this.#minGallop++;
      do {
        this.#minGallop = Math.max(1, this.#minGallop - 1);
        [winsA, winsB] = gallop();
        if (over()) return;
      } while (winsA >= gallopWins || winsB >= gallopWins);
      this.#minGallop++;
    }
  }
}

/** The least length of a run, so that their number is a power of two or a little less. */
function leastRun(length: number): number {
  let [left, odd] = [length, 0];
  while (left >= 64) {
    odd |= left & 1;
    left >>= 1;
  }
  return left + odd;
}

/** Array.prototype.sort with a comparator, on an array. */
export function sortArray<T>(array: T[], order: Order<T>): T[] {
  const { length } = array;
  const present: T[] = [];
  let undefinedCount = 0;
  for (let i = 0; i < length; i++) {
    if (!(i in array)) continue;
    if (array[i] === undefined) undefinedCount++;
    else present.push(array[i] as T);
  }
  new TimSort(present, order).sort();
  let to = 0;
  for (const element of present) array[to++] = element;
  for (let i = 0; i < undefinedCount; i++) array[to++] = undefined as T;
  for (; to < length; to++) delete array[to];
  return array;
}

/** What typed arrays have in common. */
interface Numbers {
  readonly length: number;
  [i: number]: number | bigint;
}

/** Sorts `into[from..to)`, of which `other` has a copy. */
function mergeSort<T>(into: T[], other: T[], from: number, to: number, order: Order<T>): void {
  const middle = from + ((to - from) >> 1);
  if (middle - from > 1) mergeSort(other, into, from, middle, order);
  if (to - middle > 1) mergeSort(other, into, middle, to, order);
  let [left, right] = [from, middle];
  for (let i = from; i < to; i++) {
    const fromLeft = left < middle && (right >= to || !(+order(other[left] as T, other[right] as T) > 0));
    into[i] = other[fromLeft ? left++ : right++] as T;
  }
}

/** %TypedArray%.prototype.sort with a comparator. */
export function sortNumbers<N extends Numbers>(array: N, order: Order<number | bigint>): N {
  const into = Array.from(array as ArrayLike<number | bigint>);
  if (into.length > 1) mergeSort(into, into.slice(), 0, into.length, order);
  for (let i = 0; i < into.length && i < array.length; i++) array[i] = into[i] as number | bigint;
  return array;
}
