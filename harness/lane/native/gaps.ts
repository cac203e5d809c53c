// Names that a program can have in Node alone. A program that writes one is not bundled, and runs in the Node host; one that comes
// by it in another way ends its process with what it lacks (language.ts). Only data. What stays out: why a host is taken (run/).

/** Globals. */
export const onlyInNode = [
  '__dirname',
  '__filename',
  '__resolve',
  'Buffer',
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'eval',
  'fetch',
  'FinalizationRegistry',
  'Float16Array',
  'global',
  'Intl',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'structuredClone',
  'URL',
  'URLSearchParams',
  'WeakRef',
  'WebAssembly',
] as const;

const ofLocale = ['toLocaleString'] as const;

/**
 * Members, by their owners. V8's mathematics is its own (ported from fdlibm): the last digit differs from the C library's, except
 * for `pow`. ICU compares and writes texts by a locale. QuickJS of 2021 has no resizable buffers, and keeps no last match.
 */
export const gaps = {
  Math: 'acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp expm1 hypot log log10 log1p log2 sin sinh tan tanh'.split(
    ' ',
  ),
  'String.prototype': ['localeCompare', 'toLocaleLowerCase', 'toLocaleUpperCase'],
  'Number.prototype': ofLocale,
  'BigInt.prototype': ofLocale,
  'Array.prototype': ofLocale,
  'Date.prototype': [...ofLocale, 'toLocaleDateString', 'toLocaleTimeString'],
  Array: ['fromAsync'],
  'ArrayBuffer.prototype': ['maxByteLength', 'resizable', 'resize', 'transfer', 'transferToFixedLength'],
  'SharedArrayBuffer.prototype': ['grow', 'growable', 'maxByteLength'],
  Atomics: ['pause', 'waitAsync'],
  Error: ['stackTraceLimit'],
  JSON: ['isRawJSON', 'rawJSON'],
  RegExp: [
    '$1',
    '$2',
    '$3',
    '$4',
    '$5',
    '$6',
    '$7',
    '$8',
    '$9',
    '$&',
    "$'",
    '$+',
    '$_',
    '$`',
    'input',
    'lastMatch',
    'lastParen',
  ].concat(['leftContext', 'rightContext']),
  'RegExp.prototype': ['hasIndices', 'unicodeSets'],
} as const;

/** What QuickJS or core-js has, and Node has not, as far as it can be taken away. */
export const strange = {
  BigInt: [
    'cdiv',
    'cdivrem',
    'ctz',
    'ediv',
    'edivrem',
    'fdiv',
    'fdivrem',
    'floorLog2',
    'sqrt',
    'sqrtrem',
    'tdiv',
    'tdivrem',
  ],
  'Function.prototype': ['fileName', 'lineNumber'],
  globalThis: ['InternalError', '__core-js_shared__', '__date_clock'],
  'Iterator.prototype': ['chunks', 'includes', 'join', 'windows'],
  'Map.prototype': ['getOrInsert', 'getOrInsertComputed'],
  Object: ['__getClass'],
  'String.prototype': ['__quote'],
} as const;
