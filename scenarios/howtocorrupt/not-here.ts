// Sections of the page, or their wrong ways, that are not acted out, and why.

/** @property why as a sentence */
export interface NotHere {
  readonly section: string;
  readonly title: string;
  readonly why: string;
}

const tooOld =
  'SQLite has been published with better-sqlite3 since 3.15 only, and engines are made of its releases; what brought the bug about is clean on ' +
  'those that there are.';

export const notHere: readonly NotHere[] = [
  {
    section: '6.1',
    title: 'Linux Threads',
    why: 'LinuxThreads, in which a lock belonged to a thread, is in no C library since glibc 2.4 took NPTL alone (2006).',
  },
  {
    section: '6.2',
    title: 'Failures of mmap() on QNX',
    why: 'It is a fault of QNX’s mmap(), which Linux’s does not have.',
  },
  {
    section: '8.2',
    title: 'Stale expression indexes',
    why: 'It takes a database that is written by one version of SQLite and read by another, and a run has one.',
  },
  { section: '8.3', title: 'False corruption reports due to database shrinkage', why: `The wrong way: ${tooOld}` },
  {
    section: '8.4',
    title: 'Corruption following switches between rollback and WAL modes',
    why: `The wrong way: ${tooOld}`,
  },
  { section: '8.5', title: 'I/O error while obtaining a lock leads to corruption', why: `The wrong way: ${tooOld}` },
  { section: '8.6', title: 'Database pages leak from the free page list', why: tooOld },
  {
    section: '8.7',
    title: 'Corruption following alternating writes from 3.6 and 3.7',
    why: `It takes two versions in one run; and ${tooOld}`,
  },
  { section: '8.8', title: 'Race condition in recovery on Windows systems', why: 'It is about Windows’ locks.' },
  {
    section: '8.9',
    title: 'Boundary value error in the secondary journals used by nested transactions',
    why: `The wrong way: ${tooOld}`,
  },
];

/** Sections in the order of the page. */
export function bySection(a: { readonly section: string }, b: { readonly section: string }): number {
  const [first, second] = [a, b].map(({ section }) => section.split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (first?.[i] ?? 0) - (second?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
