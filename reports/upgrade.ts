// Result documents of format 1, as format 2. There every run counted towards a pass, one run in the window was enough for one,
// and the bound was over all runs: so verdicts and bounds are decided anew from the counts, which say what they said. What was
// not kept then (a verdict for each invariant, what a plan had staged) is not made up. What stays out: validation.
import { withoutPass } from '../harness/model/judge-claim.ts';
import { defaultBound, judgeRuns } from '../harness/model/verdict.ts';

type Old = { readonly [field: string]: unknown };

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const isObject = (value: unknown): value is Old => typeof value === 'object' && value !== null && !Array.isArray(value);

function cell(old: unknown): unknown {
  if (!isObject(old)) return old;
  const counts = { runs: number(old['runs']), repeats: 0, reached: number(old['reached']) };
  const open = old['verdict'] === 'pass' || old['verdict'] === 'inconclusive';
  const { verdict, upperBound, upperBoundAllRuns } = judgeRuns(counts, { failed: !open });
  return {
    ...old,
    verdict: open ? verdict : old['verdict'],
    repeats: 0,
    upperBound,
    upperBoundAllRuns,
    invariants: [],
    cut: false,
    symptoms: list(old['symptoms']).map((symptom) => (isObject(symptom) ? { ...symptom, staged: null } : symptom)),
  };
}

/** That nothing happened was said of too few runs: only what some run did still stands. */
function claim(old: unknown): unknown {
  if (!isObject(old)) return old;
  const said = { tried: old['outcome'] !== 'untested', ...old } as unknown as Parameters<typeof withoutPass>[0];
  return withoutPass(said, `${said.evidence} (by the rules of format 1)`);
}

function about(old: unknown): unknown {
  return isObject(old) ? { ...old, bound: defaultBound, upgraded: 1 } : old;
}

/** @param old a document of format 1; what is wrong with it stays wrong */
export function upgraded(old: Old): Old {
  const { merged } = old;
  return {
    ...old,
    format: 2,
    about: about(old['about']),
    cells: Array.isArray(old['cells']) ? old['cells'].map(cell) : old['cells'],
    claims: Array.isArray(old['claims']) ? old['claims'].map(claim) : old['claims'],
    ...(merged === undefined ? {} : { merged: Array.isArray(merged) ? merged.map(about) : merged }),
  };
}
