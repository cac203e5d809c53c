import { describe, expect, test } from 'vitest';
import { smallIncident } from './fixture.test-support.ts';
import { commandOf } from './keys.ts';
import { makeModel } from './model.ts';
import { firstStep, neighbour, stepBeside, stepOfEvent, stepOfSameLane } from './moves.ts';

const model = makeModel(smallIncident());
const { steps, events } = model.timeline;

test('turns cover every step, each by the lane that took it', () => {
  expect(model.turns[0]?.from).toBe(model.first);
  expect(model.turns.at(-1)?.to).toBe(model.end);
  for (const [place, turn] of model.turns.entries()) {
    if (place > 0) expect(turn.from).toBe(model.turns[place - 1]?.to);
    for (const row of steps.slice(turn.from - 1, turn.to - 1)) expect(row[1]).toBe(turn.lane);
  }
});

test('facts are numbered in order, and nothing else is', () => {
  expect(model.events.filter((event) => event.kind === 'fact').map((event) => event.number)).toEqual([1, 2, 3, 4]);
  expect(model.events.filter((event) => event.kind !== 'fact').every((event) => event.number === null)).toBe(true);
});

describe('steps', () => {
  test('one by one, as far as the run goes', () => {
    expect(stepBeside(model, 10, 1)).toBe(11);
    expect(stepBeside(model, 1, -1)).toBe(1);
    expect(stepBeside(model, model.end - 1, 1)).toBe(model.end - 1);
  });

  test('of the same lane', () => {
    expect(stepOfSameLane(model, 12, 1)).toBe(15);
    expect(stepOfSameLane(model, 15, -1)).toBe(12);
  });

  test('of the events that are shown', () => {
    expect(stepOfEvent(model, 1, 1, new Set())).toBe(12);
    expect(stepOfEvent(model, 1, 1, new Set(['commit']))).toBe(16);
    expect(stepOfEvent(model, 12, -1, new Set())).toBe(12);
  });

  test('a run is opened at its violation', () => {
    expect(firstStep(model)).toBe(events.find((event) => event.kind === 'violation')?.step);
    expect(firstStep(makeModel({ ...model.timeline, events: [] }))).toBe(model.first);
  });
});

test('a neighbour need not start from a member of the list', () => {
  expect(neighbour([2, 5, 9], 6, 1)).toBe(9);
  expect(neighbour([2, 5, 9], 6, -1)).toBe(5);
  expect(neighbour([2, 5, 9], 9, 1)).toBeNull();
});

test.each([
  ['ArrowRight', {}, 'next'],
  ['ArrowRight', { shiftKey: true }, 'nextOfLane'],
  ['ArrowLeft', { ctrlKey: true }, 'panLeft'],
  ['End', {}, 'last'],
  ['+', { shiftKey: true }, 'zoomIn'],
  ['p', {}, 'previousEvent'],
  ['p', { ctrlKey: true }, null],
  ['ArrowLeft', { altKey: true }, null],
  ['x', {}, null],
])('key %s with %o is %s', (key, held, command) => {
  const none = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };
  expect(commandOf({ key, ...none, ...held })).toBe(command);
});
