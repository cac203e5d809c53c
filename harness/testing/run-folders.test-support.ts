// The folders that runs have made and that are still there.
import { readdirSync } from 'node:fs';

/** @param runs the folder in $LOCKSTEP_RUNS. Result: how many folders runs have below it, what setup has made among them */
export function runFolders(runs: string): number {
  const names = readdirSync(runs, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /\/(worlds\/\d+|copy-\w+)$/.test(name)).length;
}
