// Lane programs that break the first promise, each in one way: what a person may do by mistake.
import type { World } from '../lane/world.ts';
import type { Json } from '../model/values.ts';

/** A count that this process keeps from run to run. */
let runs = 0;

/** @param how `clock` puts the real clock into the data */
export function setup(world: World, how: Json): void {
  const db = world.open('lab.db');
  db.exec('CREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT)');
  db.run('INSERT INTO t VALUES(1, ?)', how === 'clock' ? String(performance.timeOrigin + performance.now()) : 'made');
  db.close();
}

function inserting(world: World, v: number | string): void {
  const db = world.open('lab.db');
  db.run('INSERT INTO t(v) VALUES(?)', v);
  db.close();
}

export function reader(world: World): void {
  const db = world.open('lab.db');
  db.get('SELECT v FROM t');
  db.close();
}

/** Reads, before and after a step of its own, so that there is something both replays have. */
export function clockInData(world: World): void {
  reader(world);
  inserting(world, String(performance.timeOrigin + performance.now()));
}

export function pidInData(world: World): void {
  inserting(world, process.pid);
}

/** Its host is told the paths of its own FIFOs. */
export function pathSaid(world: World): void {
  world.observe('told', process.argv[2] ?? '');
}

export function clockSaid(world: World): void {
  world.observe('at', { who: world.process, at: Date.now() + Math.random() });
}

export function randomIdSaid(world: World): void {
  world.observe('id', { id: crypto.randomUUID() });
}

export function randomSleep(world: World): void {
  world.step('before');
  world.sleep(1000 + Math.floor(Math.random() * 1e9));
}

/** Goes on, or ends, by what this process remembers. */
export function oneStepMore(world: World): void {
  world.step('first');
  if (runs++ > 0) world.step('second');
}

/** The same, another way of two. */
export function anotherWay(world: World): void {
  if (runs++ > 0) reader(world);
  else world.step('not read');
  world.step('last');
}

export function steady(world: World): void {
  for (let i = 0; i < 5; i++) {
    world.sleep(1000);
    world.step(String(i));
  }
}

/** Differs once a replay, and violates what `never-said` holds. */
export function grumbling(world: World): void {
  world.observe('grumble', null);
  inserting(world, String(performance.timeOrigin + performance.now()));
}
