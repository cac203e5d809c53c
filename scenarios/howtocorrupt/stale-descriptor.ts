// 1.1: a number that stood for a log stands for the database.
import { process, section } from './section.ts';

export const staleDescriptor = section({
  section: '1.1',
  name: 'stale-descriptor',
  title: 'Continuing to use a file descriptor after it has been closed',
  says: 'a log is closed, the database gets its number, and whoever still has the number writes on',
  ways: [
    {
      name: 'stale-number',
      says: 'writes through the number of a closed descriptor',
      wrong: ['integrity'],
    },
    { name: 'kept-open', says: 'the log stays open as long as anybody writes to it' },
  ],
  module: new URL('./stale-descriptor.program.ts', import.meta.url).href,
  programs: ['app', 'other'],
  journal: () => 'delete',
  ranges: { transactions: [1, 4] },
  start: (way, numbers) => [process('app', { way, ...numbers }), process('other', numbers)],
});
