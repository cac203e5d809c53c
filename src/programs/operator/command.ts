// A command typed at a shell: a process of its own, waited for, and what it prints.
import type { World, Json } from '../../../harness/lane/world.ts';

/**
 * Runs a program to its end.
 *
 * @param args get `reply` beside them, so that the process can say what it prints
 * @returns what it printed; undefined when it printed nothing
 */
export function command(world: World, program: string, name: string, args: object): Json | undefined {
  world.spawn(program, name, { ...args, reply: world.lane });
  world.wait(name);
  for (;;) {
    const got = world.receive({ timeoutMs: 0 });
    if (got === undefined || got.from === name) return got?.message;
  }
}
