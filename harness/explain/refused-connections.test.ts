// Who had the connections of a server when it refused one, and who left them open. Steps made by hand.
import { expect, test } from 'vitest';
import { invariant } from '../model/invariant.ts';
import { historyOf } from '../testing/history.test-support.ts';
import { explainSteps } from './explain-steps.ts';
import { isExplained } from './run-steps.ts';
import { stepsOf } from './steps.test-support.ts';

type Act = Parameters<typeof stepsOf>[0][number];

const came = (lane: string, what: object): Act => ({
  lane,
  op: 'statement',
  role: 'other',
  injected: true,
  text: JSON.stringify(what),
});
const connects = (lane: string, connection: number): Act => came(lane, { connection, connected: true });
const leaves = (lane: string, connection: number): Act => ({
  lane,
  op: 'ask',
  role: 'other',
  text: `disconnect ${connection}`,
});
const ends = (lane: string): Act => ({ lane, op: 'end', role: 'other', text: '{"how":"returned"}' });
const refused = (lane: string): Act => came(lane, { sqlstate: '53300' });

function told(acts: readonly Act[], message = 'all ticks failed (SQLSTATE_53300 in connect)'): readonly string[] {
  const wrong = invariant('no-wedge', 'harm', 'nobody is wedged', function* () {
    yield { message };
  });
  return explainSteps(stepsOf(acts).filter(isExplained), historyOf({}), [wrong]).flatMap(({ sentence, kind }) =>
    kind === 'error' ? [sentence] : [],
  );
}

const acts = [
  connects('a/chat-1', 1),
  ends('a/chat-1'),
  connects('a/chat-2', 2),
  connects('b/chat-1', 3),
  connects('b/notifier', 4),
  ends('b/chat-1'),
  leaves('a/chat-2', 2),
  ends('a/chat-2'),
  connects('a/chat-3', 2),
  refused('a/notifier'),
];

test('the processes that have them are told, and how many were left open by lanes that had ended', () => {
  expect(told([...acts, refused('b/dispatcher')])).toEqual([
    'The server refused a/notifier a connection (53300), since all 4 that it gives were taken: 2 of a and 2 of b. ' +
      '2 of them had been left open by lanes that had ended, the oldest by a/chat-1 since step 0: nobody gives them back as long as their process lives.',
  ]);
});

test('where nobody left one open, or another error is violated, nothing of it is told', () => {
  expect(told([connects('a/chat-1', 1), refused('b/notifier')])).toEqual([
    'The server refused b/notifier a connection (53300), since all 1 that it gives were taken: 1 of a.',
  ]);
  expect(told(acts, 'it fails otherwise')).toEqual([]);
});

test('the connections of a process that has died are none', () => {
  const dies: Act = { lane: 'a', op: 'end', role: 'other', injected: true, text: '{"how":"killed"}' };
  expect(told([...acts.slice(0, 6), dies, refused('b/dispatcher')])).toEqual([
    expect.stringContaining('since all 2 that it gives were taken: 2 of b. 1 of them'),
  ]);
});
