// How old the two orphans of orphan-dispatcher were when they were found: 1 d 4 h and 2 h 25 min (#35240).
const hourMs = 3_600_000;

export const ages = { runReplaceMs: 28 * hourMs, restartMs: 2 * hourMs + 25 * 60_000 } as const;
