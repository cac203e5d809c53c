// Files are written whole or not at all, where links, devices and other processes are in the way too.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { withDir } from 'tmp-promise';
import { expect, test } from 'vitest';
import { makeFifo } from './native.ts';
import { GrowingFile, writeNew, writeWhole } from './write-whole.ts';

const inFolder = (body: (folder: string) => Promise<void> | void): Promise<void> =>
  withDir(async ({ path }) => body(path), { unsafeCleanup: true });

test('through a symbolic link the file is written that it names', () =>
  inFolder((folder) => {
    const [file, link] = [join(folder, 'file'), join(folder, 'link')];
    writeFileSync(file, 'before');
    symlinkSync(file, link);
    writeWhole(link, 'after');
    expect(readFileSync(file, 'utf8')).toBe('after');
    expect(readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink())).toHaveLength(1);
  }));

test('what is no file is written to, never replaced', () =>
  inFolder(async (folder) => {
    const pipe = join(folder, 'pipe');
    makeFifo(pipe);
    const reader = execa('cat', [pipe]);
    writeWhole(pipe, 'heard');
    expect((await reader).stdout).toBe('heard');
    expect(readdirSync(folder)).toEqual(['pipe']);
  }));

test('a full device is a sentence', () => {
  expect(() => writeWhole('/dev/full', 'x')).toThrow(/\/dev\/full could not be written: ENOSPC/);
});

test('a file that grows has its name when it is closed; what goes wrong is said then', () =>
  inFolder((folder) => {
    const path = join(folder, 'file');
    writeFileSync(path, 'before');
    const growing = new GrowingFile(path);
    growing.write('a');
    expect(readFileSync(path, 'utf8')).toBe('before');
    growing.write('b');
    growing.close();
    expect(readFileSync(path, 'utf8')).toBe('ab');
    expect(readdirSync(folder)).toEqual(['file']);
    const full = new GrowingFile('/dev/full');
    full.write('x');
    expect(() => full.close()).toThrow(/could not be written/);
  }));

test('another file is never written over: the next name is taken, and the same text keeps its own', () =>
  inFolder((folder) => {
    const path = join(folder, 'deep', 'plan.found.json');
    expect(writeNew(path, 'one')).toBe(path);
    const second = join(folder, 'deep', 'plan.found-2.json');
    expect(writeNew(path, 'two')).toBe(second);
    expect([writeNew(path, 'one'), writeNew(path, 'two')]).toEqual([path, second]);
    mkdirSync(join(folder, 'deep', 'plan.found-3.json'));
    symlinkSync('/nowhere', join(folder, 'deep', 'plan.found-4.json'));
    expect(writeNew(path, 'three')).toBe(join(folder, 'deep', 'plan.found-5.json'));
    expect([readFileSync(path, 'utf8'), readFileSync(second, 'utf8')]).toEqual(['one', 'two']);
  }));

test('processes at once, each with a text of its own: none is lost', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'plan.json');
    const module = new URL('./write-whole.ts', import.meta.url).href;
    const script = `const { writeNew } = await import(${JSON.stringify(module)});
      for (let i = 0; i < 20; i++) writeNew(process.argv[1], process.argv[2] + i);`;
    const args = ['--no-warnings', '--input-type=module', '-e', script, path];
    await Promise.all(['a', 'b', 'c'].map((name) => execa(process.execPath, [...args, name])));
    const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(new Set(texts).size).toBe(60);
    expect(texts).toHaveLength(60);
  }));
