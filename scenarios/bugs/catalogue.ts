// The benchmark's bugs: every NAME.bug.ts of this folder. Loaded by `lockstep bench --bugs` and by tests only; no product list has them.
import { readdirSync } from 'node:fs';
import type { Scenario } from '../../harness/model/scenario.ts';
import type { Bug } from './bug.ts';
import { settingOf, type BugSetting } from './scenario-of.ts';

/**
 * @property broken where the bug is
 * @property sound the same without it: a search there must find nothing
 */
export interface KnownBug {
  readonly bug: Bug;
  readonly broken: BugSetting;
  readonly sound: BugSetting;
}

const files = readdirSync(import.meta.dirname).filter((file) => /\.bug\.[jt]s$/.test(file));

/** In the order of their names. */
export const bugs: readonly KnownBug[] = await Promise.all(
  files.toSorted().map(async (file) => {
    const module = new URL(file, import.meta.url).href;
    const exported = (await import(module)) as { readonly bug: Bug };
    const programs = Object.entries(exported).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
    return { bug: exported.bug, ...settingOf(exported.bug, module, programs) };
  }),
);

/** For jobs in other processes (harness/search/load-scenarios.ts). */
export const scenarios: readonly Scenario[] = [...new Set(bugs.map(({ broken }) => broken.scenario))];
