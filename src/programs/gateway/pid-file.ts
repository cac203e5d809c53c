// The pid file and the takeover marker of a gateway's home: who runs there, and who is about to be replaced. What stays
// out: who may run (place.ts).
import type { World, Json } from '../../../harness/lane/world.ts';
import { readJson, removeFile } from '../process/json-file.ts';

/** Where the reported file has a process id, a logical name stands. */
interface PidFile {
  readonly process: string;
  readonly startMs: number;
  readonly argv: readonly string[];
}

interface Marker {
  readonly target: string;
}

function pidFile(home: string): string {
  return `${home}.gateway.pid`;
}

function markerFile(home: string): string {
  return `${home}.gateway-takeover.json`;
}

/** The living gateway that the pid file names; undefined when there is none. */
export function runningAt(world: World, home: string): string | undefined {
  if (!world.files.exists(pidFile(home))) return undefined;
  const { process } = (readJson(world, pidFile(home)) ?? {}) as Partial<PidFile>;
  return process !== undefined && world.poll(process) === undefined ? process : undefined;
}

/**
 * Writes the pid file of this process, O_EXCL; one that a dead process has left goes first.
 *
 * @throws FileError when somebody else was first
 */
export function writePidFile(world: World, home: string, argv: readonly string[]): void {
  if (world.files.exists(pidFile(home))) removeFile(world, pidFile(home));
  const content: PidFile = { process: world.process, startMs: world.now(), argv };
  world.files.write(pidFile(home), JSON.stringify(content), { exclusive: true });
}

/** Removes the pid file, if it is still this process's own. */
export function removePidFile(world: World, home: string): void {
  if (runningAt(world, home) === world.process) removeFile(world, pidFile(home));
}

/** Tells a gateway, before it is stopped, that it is being replaced. */
export function markTakeover(world: World, home: string, target: string): void {
  const marker: Marker = { target };
  world.files.write(markerFile(home), JSON.stringify(marker));
}

/** Is this process the one that a marker names? */
export function isTakenOver(world: World, home: string): boolean {
  if (!world.files.exists(markerFile(home))) return false;
  return (readJson(world, markerFile(home)) as Json as unknown as Partial<Marker>).target === world.process;
}

export function clearTakeover(world: World, home: string): void {
  removeFile(world, markerFile(home));
}
