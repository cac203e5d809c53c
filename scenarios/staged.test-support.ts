// Which symptoms of a run its plan has staged, as the tests of the scenarios ask for them.
import { symptomsSeen } from '../harness/judge/symptoms.ts';
import type { Symptom } from '../harness/model/symptom.ts';
import type { History } from '../harness/model/history.ts';

export function stagedOf(symptoms: readonly Symptom[], history: History): readonly string[] {
  return symptomsSeen(symptoms, history).flatMap(({ reported, staged }) => (staged === null ? [] : [reported]));
}
