// Which errors are the machine's: the gate and the coordinator must hold the same for that, and a sentence says what to do.
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { LockstepError } from './errors.ts';
import { asHostError, hostErrnoName, hostError, hostErrorIn, systemError } from './host-errors.ts';

const errnos = { ...constants.errno, EUCLEAN: 117 };

test('gate.c marks the same errors', () => {
  const gate = readFileSync(new URL('../gate/gate.c', import.meta.url), 'utf8');
  const body = /static int isHostErrno\(int e\) \{(.*?)default:/s.exec(gate)?.[1] ?? '';
  const marked = [...body.matchAll(/case (\w+):/g)].map(([, name]) => name);
  const ours = Object.entries(errnos).flatMap(([name, number]) => (hostErrnoName(number) === name ? [name] : []));
  expect(new Set(marked)).toEqual(new Set(ours));
});

test('a system call of ours that failed for want of something is a sentence; any other error is what it was', () => {
  const full = asHostError(systemError('write', constants.errno.EDQUOT, '/x'));
  expect(full).toBeInstanceOf(LockstepError);
  expect(full).toMatchObject({ code: 'HOST_ERROR', message: expect.stringMatching(/write on \/x \(EDQUOT/) as string });
  const others = [systemError('open', constants.errno.ENOENT), new Error('EMFILE'), hostError('EIO', 'it')];
  for (const error of others) expect(asHostError(error)).toBe(error);
});

test('EAGAIN says so only of what makes a process', () => {
  const error = systemError('read', constants.errno.EAGAIN);
  expect(asHostError(error)).toBe(error);
  expect(asHostError(Object.assign(error, { code: 'EAGAIN', syscall: 'spawn x' }))).toBeInstanceOf(LockstepError);
});

test('what another program says of a limit is understood', () => {
  const said = (text: string) => hostErrorIn(text, 'it')?.remedy ?? '';
  expect(said('Assertion failed: (0) == (uv_thread_create(t.get(), start_thread, this))')).toMatch(/ulimit -u/);
  expect(said('Error: EMFILE: too many open files, open x')).toMatch(/ulimit -n/);
  expect(said('bash: fork: Cannot allocate memory')).toMatch(/memory|ulimit -v/);
  expect(hostErrorIn('TypeError: x is not a function', 'it')).toBeUndefined();
});
