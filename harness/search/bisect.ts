// Between which SQLite versions a plan stopped failing. A pure function over judgements; the machine is in judge-plan.ts.
import { OWN_ENGINE } from '../model/process.ts';
import { compareVersions, parseEngineName } from '../engines/engine.ts';
import { usageError } from '../errors/errors.ts';
import type { Verdict } from '../model/verdict.ts';

/** @property engine name of an engine, plain or deep */
export interface EngineVerdict {
  readonly engine: string;
  readonly verdict: Verdict;
}

/**
 * @property lastBad the newest engine on which the plan failed
 * @property firstGood the oldest engine after it on which it passed; null when none did, for an inconclusive judgement is
 *   no pass
 * @property mixed an older engine than `lastBad` passed: the failure came with a version, or hides on some
 */
export interface Boundary {
  readonly lastBad: string | null;
  readonly firstGood: string | null;
  readonly mixed: boolean;
}

/** Oldest first; the plain engine before the deep one. */
export function byVersion(engines: readonly string[]): readonly string[] {
  if (engines.includes(OWN_ENGINE))
    throw usageError(
      'OWN_ENGINE_NOT_BISECTED',
      `The engine ${OWN_ENGINE} is whichever SQLite the programs bring: it has no place between versions.`,
      'Give versions, for programs under which another SQLite can be put.',
    );
  return [...new Set(engines)].toSorted((a, b) => {
    const [one, two] = [parseEngineName(a), parseEngineName(b)];
    return compareVersions(one.version, two.version) || a.length - b.length;
  });
}

/** @param judged in the order of {@link byVersion} */
export function boundaryOf(judged: readonly EngineVerdict[]): Boundary {
  const last = judged.findLastIndex(({ verdict }) => verdict === 'fail');
  const firstGood = judged.slice(last + 1).find(({ verdict }) => verdict === 'pass');
  return {
    lastBad: judged[last]?.engine ?? null,
    firstGood: firstGood?.engine ?? null,
    mixed: judged.slice(0, Math.max(0, last)).some(({ verdict }) => verdict === 'pass'),
  };
}

/** What all judgements say together: a version for which there is too little evidence makes it inconclusive. */
export function verdictOfAll(judged: readonly EngineVerdict[]): Verdict {
  for (const worst of ['fail', 'error', 'inconclusive'] as const)
    if (judged.some(({ verdict }) => verdict === worst)) return worst;
  return judged.length === 0 ? 'inconclusive' : 'pass';
}
