// Which names are taken: of files below the world, of processes and lanes. What is refused leads elsewhere, or is not what
// a reader sees.
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { addressSchema, fileSchema } from './fault.ts';
import { nameSchema, processNameSchema } from './name-schemas.ts';
import { fileNameComplaint, isFileName, isLaneName, isProcessName } from './names.ts';
import { hasUnseen, quoted, visible, visibleLines } from './visible.ts';

/** One of each kind: line breaks that a pattern's dot stops at, other control characters, and what turns the writing. */
const unseen = [
  '\n',
  '\r',
  '\u2028',
  '\u2029',
  '\0',
  '\u001b',
  '\u007f',
  '\u0085',
  '\u009b',
  '\u202e',
  '\u2066',
  '\u200b',
];

describe('file names', () => {
  test.each(['kanban.db', 'boards/main/kanban.db', 'a..b', '..a', 'a b', 'größe.db', '.hidden', 'a'.repeat(255)])(
    'taken: %s',
    (name) => {
      expect(fileNameComplaint(name)).toBeUndefined();
      expect(fileSchema.safeParse(name).success).toBe(true);
    },
  );

  const climbing = [
    '..',
    '../x',
    'a/../b',
    'a/..',
    './a',
    'a/.',
    'a//b',
    'a/',
    '/a',
    '',
    'a\\..\\b',
    '..\\x',
    '\ud800',
  ];
  const long = ['a'.repeat(256), 'ä'.repeat(128), 'a/'.repeat(200).concat('a')];
  const hidden = unseen.flatMap((character) => [`a${character}`, `${character}a`, `a${character}/../../../../etc/x`]);
  test('refused, each with a reason that shows on one line', () => {
    for (const name of [...climbing, ...long, ...hidden]) {
      expect({ name, complaint: fileNameComplaint(name) }).toMatchObject({ complaint: expect.any(String) });
      expect(hasUnseen(fileNameComplaint(name) ?? '')).toBe(false);
      expect(fileSchema.safeParse(name).success).toBe(false);
    }
  });

  property.prop([fc.string({ unit: 'binary', maxLength: 20 })])(
    'what is taken stays below, and shows whole',
    (name) => {
      if (!isFileName(name)) return;
      expect(name.split('/')).not.toContain('..');
      expect(visible(name)).toBe(name);
    },
  );
});

describe('names of processes and lanes', () => {
  test('taken', () => {
    for (const name of ['gateway-1', 'a.b_c', '...']) expect(isProcessName(name)).toBe(true);
    for (const name of ['gateway-1', 'gateway-1/notifier']) expect(isLaneName(name)).toBe(true);
  });

  test('refused', () => {
    const words = ['', '.', '..', 'a b', 'ä', 'a'.repeat(101), ...unseen.flatMap((c) => [`a${c}`, `${c}a`, `a${c}b`])];
    for (const name of words) {
      expect({ name, taken: isProcessName(name) }).toEqual({ name, taken: false });
      expect(processNameSchema.safeParse(name).success).toBe(false);
      expect(nameSchema.safeParse(`gateway-1/${name}`).success).toBe(false);
      expect(addressSchema.safeParse({ lane: name, op: 'write', nth: 1 }).success).toBe(false);
    }
    expect(isLaneName('a/b/c')).toBe(false);
  });
});

describe('what is shown', () => {
  test('every character that is not seen becomes an escape', () => {
    for (const character of unseen) expect(visible(`a${character}b`)).toMatch(/^a\\u[0-9a-f]{4}b$/);
    expect(visible('\ud800x\udc00 \u{e0041} größe 😀')).toBe(String.raw`\ud800x\udc00 \u{e0041} größe 😀`);
  });

  test('lines of our own stay lines', () => {
    expect(visibleLines('a\n\tb\r\u001b[2J')).toBe('a\n\tb\\u000d\\u001b[2J');
  });

  test('a quote is cut', () => {
    expect(quoted('a\nb')).toBe(String.raw`"a\u000ab"`);
    expect(quoted('x'.repeat(1e6))).toBe(`"${'x'.repeat(60)}…"`);
    expect(quoted('\0'.repeat(1e6)).length).toBeLessThan(130);
  });
});
