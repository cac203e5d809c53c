// What is left of a server that was closed, whatever became of it before: nothing of the kernel's, which no folder takes away.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runsFolder } from '../run/workplace.ts';
import { lives } from './cluster.ts';
import { Server } from './server.ts';
import { hasServer } from './server.test-support.ts';

/** Segments of System V that processes have made which live no more (proc(5), sysvipc/shm: the number, who made it). */
function orphaned(): readonly string[] {
  const [, ...lines] = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n');
  const segments = lines.map((line) => line.trim().split(/\s+/));
  return segments.filter(([, , , , maker]) => !lives(Number(maker))).map(([, id = '']) => id);
}

function named(): readonly string[] {
  return readdirSync('/dev/shm').filter((name) => name.startsWith('PostgreSQL.'));
}

test.skipIf(!hasServer).each(['closed', 'killed and started before', 'killed and not started again'])(
  'a server that is %s leaves no shared memory',
  async (how) => {
    const before = [...orphaned(), ...named()];
    const server = await Server.make(runsFolder());
    if (how !== 'closed') server.kill();
    if (how === 'killed and started before') server.start();
    const during = named().filter((name) => !before.includes(name));
    server.close();
    expect(orphaned().filter((one) => !before.includes(one))).toEqual([]);
    expect(named().filter((name) => during.includes(name))).toEqual([]);
  },
);
