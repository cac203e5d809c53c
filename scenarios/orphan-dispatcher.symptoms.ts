import type { Symptom } from '../harness/explore/scenario.ts';
export const symptoms: readonly Symptom[] = [];
