// Number.prototype.toString in another radix than ten, digit by digit as V8 does it (DoubleToRadixCString): the language leaves
// to each engine how a fraction ends. What stays out: integers, in which all engines agree as long as a double holds them exactly.

const digits = '0123456789abcdefghijklmnopqrstuvwxyz';
const bits = new BigUint64Array(1);
const double = new Float64Array(bits.buffer);

/** The next greater double of a positive one. */
function next(value: number): number {
  double[0] = value;
  bits[0] = (bits[0] ?? 0n) + 1n;
  return double[0];
}

/** Rounds digits up. Result: whether the integer before them must go up, too. */
function carry(fraction: number[], radix: number): boolean {
  for (;;) {
    const last = fraction.pop();
    if (last === undefined) return true;
    if (last + 1 < radix) {
      fraction.push(last + 1);
      return false;
    }
  }
}

/** @param value below 2^53, without its sign @param radix from 2 to 36 */
export function radixText(value: number, radix: number): string {
  const positive = Math.abs(value);
  let integer = Math.floor(positive);
  let rest = positive - integer;
  let delta = Math.max(0.5 * (next(positive) - positive), Number.MIN_VALUE);
  const fraction: number[] = [];
  while (rest >= delta) {
    rest *= radix;
    delta *= radix;
    const digit = Math.floor(rest);
    fraction.push(digit);
    rest -= digit;
    if ((rest > 0.5 || (rest === 0.5 && (digit & 1) === 1)) && rest + delta > 1) {
      if (carry(fraction, radix)) integer += 1;
      break;
    }
  }
  let text = '';
  do {
    const remainder = integer % radix;
    text = `${digits[remainder]}${text}`;
    integer = (integer - remainder) / radix;
  } while (integer > 0);
  const after = fraction.map((digit) => digits[digit]).join('');
  return `${value < 0 ? '-' : ''}${text}${after === '' ? '' : `.${after}`}`;
}
