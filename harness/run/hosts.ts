// What simulated processes are, by name. What stays out: getting it ready (machines.ts).

/** What lanes run in: the small C program, or a whole Node (the reference). */
export const hosts = ['native', 'node'] as const;
export type Host = (typeof hosts)[number];
