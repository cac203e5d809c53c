// What is wrong with a document, as text: it reads as Zod's own, and however hostile the document is it stays one screen.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { hasUnseen } from '../visible.ts';
import { complaintsText } from './complaints.ts';

function complaints(schema: z.ZodType, value: unknown): z.ZodError {
  const { error } = schema.safeParse(value);
  if (error === undefined) throw new Error('nothing is wrong with it');
  return error;
}

test('a few complaints are told as Zod tells them, the shallow ones first', () => {
  const schema = z.strictObject({ cells: z.array(z.object({ runs: z.int() })), 'a b': z.string() });
  const error = complaints(schema, { cells: [{ runs: 1.5 }], more: 1 });
  expect(complaintsText(error)).toBe(z.prettifyError(error));
  expect(complaintsText(error)).toContain('→ at cells[0].runs');
});

test('of many some are told, and how many others there are', () => {
  const error = complaints(
    z.array(z.int()),
    Array.from({ length: 100 }, () => 'x'),
  );
  const lines = complaintsText(error).split('\n');
  expect(lines.filter((line) => line.startsWith('✖'))).toHaveLength(8);
  expect(lines.at(-1)).toBe('… and 92 more');
});

test('whatever the keys and the messages hold, nothing is obeyed, and a screen is enough', () => {
  const key = `\u001b[2J\u202e\n${'k'.repeat(100_000)}`;
  const deep = Array.from({ length: 40 }).reduce<z.ZodType>((inner) => z.object({ [key]: inner }), z.int());
  const value = Array.from({ length: 40 }).reduce<unknown>((inner) => ({ [key]: inner }), 'x');
  const text = complaintsText(complaints(deep, value));
  expect(text.length).toBeLessThan(2000);
  expect(text.split('\n')).toHaveLength(2);
  expect(hasUnseen(text.replaceAll('\n', ''))).toBe(false);
  const long = complaintsText(
    complaints(
      z.custom(() => false, `\u0007${'m'.repeat(10_000)}\nsecond line`),
      1,
    ),
  );
  expect(long.length).toBeLessThan(400);
  expect(hasUnseen(long)).toBe(false);
});

test('a path is that of Zod, names that are no plain words in brackets; a long one is cut', () => {
  const at = (path: readonly PropertyKey[]): string | undefined => {
    const issue: z.core.$ZodIssue = { code: 'custom', message: 'm', path: [...path], input: 1 };
    return complaintsText({ issues: [issue] }).split('→ at ')[1];
  };
  expect(at(['cells', 3, 'marks', 'a b'])).toBe('cells[3].marks["a b"]');
  expect(at(Array.from({ length: 13 }, () => 'a'))).toBe(`${'a.'.repeat(11)}a["…"]`);
});
