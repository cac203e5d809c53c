// What a report saw, and whether a run saw it too. What a plan has placed itself was not seen: it is staged, and stands apart.
// What stays out: which symptoms there are (scenarios/*.symptoms.ts).
import type { Symptom } from '../model/symptom.ts';
import type { History } from '../model/history.ts';

/** @property seen by this run, and not staged */
export interface SymptomSeen {
  readonly reported: string;
  readonly seen: boolean;
  readonly staged: string | null;
  readonly evidence: string;
}

export function symptomsSeen(symptoms: readonly Symptom[], history: History): readonly SymptomSeen[] {
  return symptoms.map((symptom) => {
    const { reported } = symptom;
    const evidence = symptom.see(history);
    const placed = evidence === undefined ? undefined : symptom.staged?.(history);
    const seen = evidence !== undefined && placed === undefined;
    return { reported, seen, staged: placed ?? null, evidence: evidence ?? 'not seen in this run' };
  });
}
