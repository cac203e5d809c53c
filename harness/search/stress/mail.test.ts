// Mail between free processes: letters come whole and in order, waits end, and the round's end is heard.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Mail, makePostOffice, type PostOffice, tellEnd } from './mail.ts';

let parent: string;
let office: PostOffice;
const opened: Mail[] = [];
function mailOf(name: string): Mail {
  const mail = new Mail(office, name);
  opened.push(mail);
  return mail;
}
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'mail-test-'));
  office = { folder: join(parent, 'mail'), names: ['server', 'p', 'q'] };
  makePostOffice(office);
});
afterEach(() => {
  for (const mail of opened.splice(0)) mail.close();
  rmSync(parent, { recursive: true });
});

test('letters of several come whole, and those of one in order', () => {
  const [server, p, q] = [mailOf('server'), mailOf('p'), mailOf('q')];
  for (const n of [1, 2]) {
    expect(p.send('server', { n, text: 'ä\n' })).toBe(true);
    expect(q.send('server', n)).toBe(true);
  }
  const letters = [1, 2, 3, 4].map(() => server.receive(1000));
  expect(letters.filter((letter) => letter?.from === 'p').map((letter) => letter?.message)).toEqual([
    { n: 1, text: 'ä\n' },
    { n: 2, text: 'ä\n' },
  ]);
  expect(letters.filter((letter) => letter?.from === 'q').map((letter) => letter?.message)).toEqual([1, 2]);
});

test('a wait ends when its time is up', () => {
  expect(mailOf('p').receive(5)).toBeUndefined();
});

test('nobody is nobody', () => {
  const p = mailOf('p');
  expect(p.send('stranger', null)).toBe(false);
  expect(p.knows('stranger')).toBe(false);
  expect(p.knows('q')).toBe(true);
});

test('a letter that could mix with another is refused', () => {
  const [server, p] = [mailOf('server'), mailOf('p')];
  expect(() => p.send('server', 'x'.repeat(4096))).toThrow(/4096 are the most/);
  expect(server.receive(0)).toBeUndefined();
});

test("the round's end is heard after the letters before it, and by nobody who is gone", () => {
  const [server, p] = [mailOf('server'), mailOf('p')];
  p.send('server', 1);
  tellEnd(office, 'server');
  expect(server.receive(1000)).toEqual({ from: 'p', message: 1 });
  expect(server.receive(1000)).toBeUndefined();
  expect(server.ended).toBe(true);
  expect(() => tellEnd(office, 'q')).not.toThrow();
});
