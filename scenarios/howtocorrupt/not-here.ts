// Sections of the page, or their wrong ways, that are not acted out, and why.

/** @property why as a sentence */
export interface NotHere {
  readonly section: string;
  readonly title: string;
  readonly why: string;
}

/** @param versions that have the bug, by the page */
const tooOld = (versions: string): string =>
  `${versions}, and an engine can be made of SQLite 3.44.0 and later only, since better-sqlite3’s binding needs what came with it; what ` +
  'brought the bug about is clean on those that there are.';

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
  {
    section: '8.3',
    title: 'False corruption reports due to database shrinkage',
    why: `The wrong way: ${tooOld('it is in 3.7.0 to 3.7.5')}`,
  },
  {
    section: '8.4',
    title: 'Corruption following switches between rollback and WAL modes',
    why: `The wrong way: ${tooOld('it is in 3.7.0 to 3.7.4')}`,
  },
  {
    section: '8.5',
    title: 'I/O error while obtaining a lock leads to corruption',
    why: `The wrong way: ${tooOld('it is in 3.7.0 to 3.7.2')}`,
  },
  {
    section: '8.6',
    title: 'Database pages leak from the free page list',
    why: `The wrong way: ${tooOld('the page names 3.6.16 to 3.7.2')}`,
  },
  {
    section: '8.7',
    title: 'Corruption following alternating writes from 3.6 and 3.7',
    why: 'It takes two versions in one run, 3.6.23.1 and 3.7.0.',
  },
  { section: '8.8', title: 'Race condition in recovery on Windows systems', why: 'It is about Windows’ locks.' },
  {
    section: '8.9',
    title: 'Boundary value error in the secondary journals used by nested transactions',
    why: `The wrong way: ${tooOld('it is in 3.35.0 to 3.37.1')}`,
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
