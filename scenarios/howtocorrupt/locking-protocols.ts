// 2.4: two processes that lock in different ways do not lock each other out.
import { process, section } from './section.ts';

const broken = ['integrity', 'acknowledged-commits', 'whole-transactions'];

/** The VFS of each of two writers. */
const protocols: { readonly [way: string]: readonly string[] } = {
  'posix-and-dotfile': ['unix', 'unix-dotfile'],
  'posix-and-none': ['unix', 'unix-none'],
  'none-and-none': ['unix-none', 'unix-none'],
  'posix-and-posix': ['unix', 'unix'],
  'dotfile-and-dotfile': ['unix-dotfile', 'unix-dotfile'],
  'excl-and-posix': ['unix-excl', 'unix'],
};

export const lockingProtocols = section({
  section: '2.4',
  name: 'locking-protocols',
  title: 'Two processes using different locking protocols',
  says: 'two writers, each with a VFS of SQLite’s own',
  ways: [
    { name: 'posix-and-dotfile', says: 'one locks by fcntl(2), the other by a folder beside the file', wrong: broken },
    { name: 'posix-and-none', says: 'one locks by fcntl(2), the other not at all', wrong: broken },
    { name: 'none-and-none', says: 'neither locks', wrong: broken },
    { name: 'posix-and-posix', says: 'both lock by fcntl(2)' },
    { name: 'dotfile-and-dotfile', says: 'both lock by a folder beside the file' },
    {
      name: 'excl-and-posix',
      says: 'one keeps its fcntl(2) locks as long as it has the file open, and the other waits',
    },
  ],
  module: new URL('./locking-protocols.program.ts', import.meta.url).href,
  programs: ['writer'],
  journal: () => 'delete',
  ranges: { transactions: [2, 5] },
  start: (way, { transactions }) =>
    (protocols[way] ?? []).map((vfs, i) => process(`writer-${i + 1}`, { vfs, transactions }, 'writer')),
});
