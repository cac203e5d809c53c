// What somebody may have meant who has named something that is not there. What stays out: which names there are.
import { distance } from 'fastest-levenshtein';
import { quoted } from '../model/visible.ts';

/** Letters that may be other ones, where nothing else is said: as many as commander lets differ in a command or an option. */
const differMost = 3;

/** And no more than this part of the name. */
const partMost = 0.4;

/** Characters of a name that are looked at: it may come from a file. */
const lengthMost = 200;

/**
 * The end of a message that there is no such name: ` Did you mean "wal-reset"?`; '' where no name is like it.
 *
 * @param name as it was given
 * @param most so many letters may be other ones
 */
export function didYouMean(name: string, names: Iterable<string>, most: number = differMost): string {
  if (name.length > lengthMost) return '';
  const near = [...new Set(names)]
    .map((one) => ({ one, far: distance(name.toLowerCase(), one.toLowerCase()) }))
    .filter(({ one, far }) => far <= Math.min(most, partMost * Math.max(one.length, name.length)));
  const least = Math.min(...near.map(({ far }) => far));
  const best = near.filter(({ far }) => far === least).map(({ one }) => quoted(one));
  return best.length === 0 ? '' : ` Did you mean ${best.join(' or ')}?`;
}
