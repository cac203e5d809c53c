import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { anyMachine, emptyFolder, sharedProcess } from '../gate/hand-setting.test-support.ts';
import { type Asked, encodeRequest, encodeStat, parseRequest, parseStat } from './request.ts';
import type { Json } from './values.ts';

const name = fc.stringMatching(/^[\w./-]+$/);
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);
const timeoutMs = fc.option(fc.nat(), { nil: undefined });
const signal = fc.constantFrom('SIGKILL' as const, 'SIGTERM' as const);
const kind = <K extends Asked['kind']>(one: K) => fc.constant(one);

const asked: fc.Arbitrary<Asked> = fc.oneof(
  fc.record({
    kind: kind('spawn'),
    name,
    program: name,
    args: json,
    options: fc.record({ detached: fc.boolean(), group: name }, { requiredKeys: [] }),
  }),
  fc.record({ kind: kind('thread'), name, program: name, args: json }),
  fc.record({ kind: kind('thread-started'), name }),
  fc.record({ kind: kind('fork'), name }),
  fc.record({ kind: kind('forked'), name }),
  fc.record({ kind: kind('wait'), name, timeoutMs }),
  fc.record({ kind: kind('poll'), name }),
  fc.record({ kind: kind('poll-any'), names: fc.array(name, { minLength: 1, maxLength: 3 }) }),
  fc.record({ kind: kind('await'), key: name, timeoutMs }),
  fc.record({ kind: kind('notify'), key: name }),
  fc.record({ kind: kind('events'), key: name, names: fc.array(name), timeoutMs }),
  fc.record({ kind: kind('output'), name, from: fc.tuple(fc.nat(), fc.nat()) }),
  fc.record({ kind: kind('interrupt'), name }),
  fc.record({ kind: kind('begin'), name, input: fc.base64String() }),
  fc.record({ kind: kind('kill'), name, signal }),
  fc.record({ kind: kind('kill-group'), group: name, signal }),
  fc.record({ kind: kind('processes') }),
  fc.record({ kind: kind('alone') }),
  fc.record({ kind: kind('look'), label: fc.string() }),
  fc.record({ kind: kind('await-flock'), file: name, mode: fc.constantFrom('shared', 'exclusive'), timeoutMs }),
  fc.record({ kind: kind('exit'), code: fc.integer() }),
  fc.record({ kind: kind('send'), to: name, message: json }),
  fc.record({ kind: kind('receive'), timeoutMs }),
  fc.record({ kind: kind('connect') }),
  fc.record({
    kind: kind('statement'),
    connection: fc.nat(),
    sql: fc.string(),
    bind: fc.array(fc.oneof(fc.constant(null), fc.integer(), fc.string())),
    timeoutMs,
  }),
  fc.record({ kind: kind('notifications'), connection: fc.nat(), timeoutMs }),
  fc.record({ kind: kind('disconnect'), connection: fc.nat() }),
);

property.prop([asked])('a request comes back as it was', (request) => {
  expect(parseRequest(encodeRequest(request))).toEqual(request);
});

property.prop([fc.nat(), fc.maxSafeInteger()])('so does the answer to a stat', (inode, mtimeNs) => {
  expect(parseStat(encodeStat({ inode, mtimeNs }))).toEqual({ inode, mtimeNs });
});

/** Hashes of all recorded plans are taken over these texts. */
test.each<[Asked, string]>([
  [
    { kind: 'spawn', name: 'g-1', program: 'gateway', args: { n: 1 }, options: { detached: true, group: 'g' } },
    'spawn g-1 gateway {"args":{"n":1},"detached":true,"group":"g"}',
  ],
  [{ kind: 'thread', name: 't', program: 'p', args: null }, 'thread t p null'],
  [{ kind: 'wait', name: 'g-1', timeoutMs: undefined }, 'wait g-1 '],
  [{ kind: 'notifications', connection: 2, timeoutMs: 5000 }, 'notifications 2 5000'],
  [{ kind: 'wait', name: 'g-1', timeoutMs: 5 }, 'wait g-1 5'],
  [{ kind: 'kill-group', group: 'g', signal: 'SIGTERM' }, 'kill-group g SIGTERM'],
  [{ kind: 'look', label: 'before it' }, 'look before it'],
  [{ kind: 'receive', timeoutMs: undefined }, 'receive '],
  [{ kind: 'events', key: 'k', names: ['a', 'a/b'], timeoutMs: undefined }, 'events  k a a/b'],
  [{ kind: 'events', key: 'k', names: [], timeoutMs: 5 }, 'events 5 k'],
])('%j stands in the trace as %j', (request, text) => {
  expect(encodeRequest(request)).toBe(text);
});

describe('a text that makes no sense', () => {
  test.each([
    'spawn a b {"args"',
    'spawn a b null',
    'spawn a b {"group":1}',
    'spawn a b {"detached":"yes"}',
    'thread a b',
    'send a',
    'wait a soon',
    'events soon k a',
    'events 5',
    'exec a {"command":["x"],"host":"node","held":1}',
    'receive soon',
    'kill a b SIGKILL',
    'kill a',
    'kill-group g INT',
    'await-flock',
    'await-flock both 5 a.lock',
    'await-flock shared soon a.lock',
    'lock-within soon a',
    'semaphore one 1 a',
    'exit',
    'exit well',
  ])('is told as a whole: %j', (text) => {
    const says = `The coordinator cannot read the request "${text}".`;
    expect(parseRequest(text)).toEqual({ kind: 'unreadable', says });
  });

  test.each(['how are you', '', 'toString', 'constructor x'])(
    'is told by its verb when nobody knows that: %j',
    (text) => {
      const says = `The coordinator does not know the request "${text.split(' ')[0]}".`;
      expect(parseRequest(text)).toEqual({ kind: 'unreadable', says });
    },
  );
});

test.each<Asked>([
  { kind: 'poll', name: 'a b' },
  { kind: 'kill', name: '', signal: 'SIGKILL' },
  { kind: 'send', to: 'a\nb', message: null },
  { kind: 'spawn', name: 'a', program: 'b c', args: null, options: {} },
])('a name that is not one word is refused before it is sent: %j', (request) => {
  expect(() => encodeRequest(request)).toThrow('is no name: it must be one word.');
});

describe('what the gate writes itself', async () => {
  const process = sharedProcess(await anyMachine());

  test('is read as what was called', () => {
    using world = emptyFolder();
    const { main } = process();
    main.run(
      world.path,
      (w) => {
        w.gate('lock', 'a mutex');
        w.gate('set', 'key', '{"n":1}');
        w.gate('unlock', 'a mutex');
        w.gate('send', 'other', '{"n":1}');
        w.gate('receive', 20n);
        w.gate('receive', null);
      },
      {},
      { reply: '{}' },
    );
    const texts = main.steps.filter(({ op }) => op === 'tell' || op === 'ask').map(({ text }) => parseRequest(text));
    expect(texts).toEqual([
      { kind: 'lock', name: 'a mutex' },
      { kind: 'set', entry: 'key {"n":1}' },
      { kind: 'unlock', name: 'a mutex' },
      { kind: 'send', to: 'other', message: { n: 1 } },
      { kind: 'receive', timeoutMs: 20 },
      { kind: 'receive', timeoutMs: undefined },
    ]);
  });
});
