// Plans that commands write: whole or not at all, never over another plan, and printed where they cannot be written, so that
// nothing is lost.
import type { Plan } from '../harness/model/plan.ts';
import { planText } from '../harness/search/plan-file.ts';
import { writeNew, writeWhole } from '../harness/host/write-whole.ts';
import type { Output } from './output.ts';
import { replayCommand } from './own/replay-command.ts';

/**
 * Writes a plan under a name that Lockstep chose: another plan of that name stays, and the next free name is taken.
 *
 * @returns the path that it has; null when the file could not be written
 */
export function keepPlan(path: string, plan: Plan, output: Output): string | null {
  return kept(writeNew, path, plan, output);
}

/** The same under a name that a person chose: what was there is replaced. */
export function replacePlan(path: string, plan: Plan, output: Output): string | null {
  const replace = (to: string, text: string): string => {
    writeWhole(to, text);
    return to;
  };
  return kept(replace, path, plan, output);
}

function kept(write: (path: string, text: string) => string, path: string, plan: Plan, output: Output): string | null {
  const text = planText(plan);
  try {
    return write(path, text);
  } catch (error) {
    output.rescue(text, path, error instanceof Error ? error : undefined);
    return null;
  }
}

/** Says where a plan went; nothing when it went nowhere. */
export function tellPlan(path: string | null, output: Output, indent = '  '): void {
  if (path === null) return;
  output.say(`${indent}plan: ${path}`);
  output.say(`${indent}see it again: ${replayCommand(path)}`);
}
