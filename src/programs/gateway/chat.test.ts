// A chat message: the task it creates, what that waits for, and the connection that it may leave open. On real processes.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProcessLab, texts } from '../../../harness/testing/process-lab.test-support.ts';
import { gatewayOf, message, rolesSystem, start } from '../../testing/roles-system.test-support.ts';

let lab: ProcessLab;
beforeAll(async () => {
  lab = await ProcessLab.open(rolesSystem);
});
afterAll(() => lab.close());

test('a task that waits for the one before is started when that is done', async () => {
  const messages = [message({ thinkMs: 100_000 }), { ...message({ atMs: 2000 }), afterPrevious: true }];
  const { all } = await lab.run({ processes: [start('a', 'gateway', gatewayOf({ messages }))], horizonMs: 200_000 });
  const [first, second] = all('spawned');
  expect([first?.nowMs, second?.nowMs]).toEqual([5000, 125_000]);
  expect(texts(all('verified'), 'task')).toEqual(texts(all('spawned'), 'task'));
});

test.each([true, false])('its helper leaves a connection open only where it leaks: %s', async (leaks) => {
  const gateway = gatewayOf({ dispatches: false, messages: [{ ...message(), leaks }] });
  const { history } = await lab.run({ processes: [start('a', 'gateway', gateway)], horizonMs: 20_000 });
  const open = history.looks[0]?.openFiles.filter(({ process, file }) => process === 'a' && file === 'kanban.db');
  expect((open?.length ?? 0) > 0).toBe(leaks);
});
