// What the language answers of texts: letters and regular expressions.
/* oxlint-disable no-useless-spread -- what programs may write is asked here, not what they should */

export const letters = (text: string): unknown => [
  text.toUpperCase(),
  text.toLowerCase(),
  text.normalize('NFC'),
  text.normalize('NFKD'),
];

/** Without what a host must not be asked for: flags d and v, modifiers. */
export const patterns = [
  ...[
    'a|ab',
    '(a+)+b?',
    '(?<first>.)(?:b|(c))*',
    '^\\s*(\\S+)\\s*$',
    '(?=a)a(?!b)',
    '(?<=a)b|(?<!a)c',
    '[^a-c]+',
    '\\bab\\b',
  ],
  ...[
    '(.)\\1',
    '\\d{2,3}?',
    '[\\w.-]+@[\\w-]+',
    '$^',
    '()',
    '\\u0041|\\x42',
    '.{1,3}',
    '(a)?(b)?',
    '[\\s\\S]',
    'ä|Ä',
    '(?:)',
    '(?:(a)|b|(c))+?$',
    '((a)|(b)?){2}',
    '(?:(a)|(?=(b)).)*',
    '(?:(a)|b){2,3}',
    '(a*)(b|(c)){1,2}?',
    '(?:a*(b))?c',
  ],
  ...[
    '[A-Z]+',
    '[ſ]',
    '[\\u212aß]',
    '[à-þ]',
    '[À-Þ]+',
    '[^α-ω]',
    '[^a-k]',
    '[^\\W]',
    '[\\W]',
    '\\W',
    '\\w+',
    '\\Bs',
    '(?<!\\w).',
  ],
  ...['\\B', '(?!s)', '[^]', '(.)(?<=\\1\\1)', 'ς', 'ẞ'],
] as const;

/** Of one character each, to be asked of all characters. */
export const classes = [
  ...[
    '\\w',
    '\\W',
    '\\b',
    '\\d',
    '\\D',
    '\\s',
    '\\S',
    '.',
    '[^]',
    '[\\w]',
    '[^\\w]',
    '[\\W]',
    '[^\\W]',
    '[^\\d]',
    '[\\b\\s]',
  ],
  ...[
    '[a-z]',
    '[A-Z]',
    '[^a-z]',
    '[^a]',
    '[ks]',
    '[ſ]',
    '[^ſ]',
    'k',
    'K',
    's',
    'ſ',
    '\\u212a',
    'i',
    'İ',
    '[İ]',
    'ı',
    '[^ı]',
  ],
  ...['ä', '[à-þ]', '[À-Þ]', 'ß', '[ẞ]', '[α-ω]', '[Α-Ω]', 'µ', '[^μ]', 'ς', '[\\u0130-\\u0300]', '[^\\u1c80-\\u2200]'],
  ...['[\\u0390\\u1fe3\\ufb05]', '\\u1fd3', '(.)\\1', '(?<=(.))\\1', '^\\s', '(?<=\\b).', '(?<!\\w)a', 'a(?!\\W)'],
  ...[
    '\\p{Lu}',
    '\\P{Lu}',
    '[^\\p{Ll}]',
    '[\\p{L}\\p{Nd}]',
    '\\p{Script=Greek}',
    '\\p{Alphabetic}',
    '[^\\p{White_Space}]',
    '\\p{Emoji}',
  ],
] as const;

export function expression(pattern: string, flags: string, text: string): unknown {
  const regex = new RegExp(pattern, flags);
  const global = new RegExp(pattern, `${flags.replace(/[gy]/g, '')}g`);
  const first = regex.exec(text);
  return [
    first === null ? null : [first.index, first.slice(), first.groups ?? null],
    [regex.lastIndex, regex.source, regex.flags, regex.test(text), String(regex)],
    text.match(global),
    [...text.matchAll(global)].map(({ index }) => index),
    text.replace(global, '<$&$1$$>'),
    text.split(regex),
  ];
}

/**
 * Which characters a pattern matches, and where between `a` and each of them it does: their code points, in runs.
 *
 * @param from the first code point that is asked
 * @param to the first that is not asked any more
 */
export function characters(pattern: string, flags: string, from: number, to: number): unknown {
  const regex = new RegExp(pattern, flags);
  const runs: (number | string)[] = [];
  let last = '';
  for (let code = from; code < to; code += 1) {
    if (isYounger(code, pattern, flags)) continue;
    const character = String.fromCodePoint(code);
    const now = [character, `a${character}`, `${character}a`].map((text) => regex.exec(text)?.index ?? '-').join(' ');
    if (now !== last) runs.push(code, now);
    last = now;
  }
  return runs;
}

/** Capitals that have come since Unicode 13. */
const capitals = [0x19b, 0x264];
/** From where to where properties that may be asked have changed. */
const properties = [
  [0x19b, 0x19b],
  [0x264, 0x264],
  [0x295, 0x295],
  [0x363, 0x36f],
  [0xc04, 0xc04],
  [0xf82, 0xf83],
  [0x10fc, 0x10fc],
  [0x1734, 0x1734],
  [0x1dd3, 0x1de6],
  [0xab69, 0xab69],
  [0x1_1080, 0x1_1081],
  [0x1_171e, 0x1_171e],
  [0x1_6fe2, 0x1_6fe3],
] as const;

function isYounger(code: number, pattern: string, flags: string): boolean {
  if (pattern.includes('\\p') || pattern.includes('\\P'))
    return properties.some(([first, last]) => code >= first && code <= last);
  return flags.includes('i') && capitals.includes(code);
}

/** What becomes of each character: by its code point, where it is not what it was. */
export function lettersOf(from: number, to: number): unknown {
  const changed: (number | string)[] = [];
  for (let code = from; code < to; code += 1) {
    if (isYounger(code, '', 'i')) continue;
    const character = String.fromCodePoint(code);
    const marked = `a\u0316${character}\u0301\u0345`;
    const forms = ['NFC', 'NFD', 'NFKC', 'NFKD'].flatMap((form) => [character.normalize(form), marked.normalize(form)]);
    const cases = [character.toUpperCase(), character.toLowerCase(), `|${character}|`.trim(), character.trim()];
    const sigmas = [0x295, 0x1734, 0x1171e].includes(code)
      ? ''
      : `a${character}Σ${character}aΣ ${character}Σ`.toLowerCase();
    const now = [...forms, ...cases, sigmas].join(' ');
    if (now !== [character, marked, character, marked].join(' ')) changed.push(code, now);
  }
  return changed;
}
