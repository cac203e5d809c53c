import type { Claim } from '../harness/explore/scenario.ts';
export const claims: readonly Claim[] = [];
