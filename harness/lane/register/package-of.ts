// The package that a file is in. What stays out: how Node finds files of packages.
import { dirname, join } from 'node:path';
import { real } from './process-of-run.ts';

export interface Package {
  readonly folder: string;
  readonly version: string;
}

/** Undefined for a file that is in none. */
export function packageOf(file: string): Package | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const text = real.fs.readFileSync(join(folder, 'package.json'), 'utf8');
      return { folder, version: String((JSON.parse(text) as { version?: string }).version) };
    } catch {
      // further up
    }
  }
  return undefined;
}
