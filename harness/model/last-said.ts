// What a program said last on its standard error, put on one line: of a stack as Python prints it all of it, of other words the last lines.
// What stays out: whose words are told, and where.
import { quoted } from './visible.ts';

const charactersMost = 700;

/** A line of a stack as Python prints it: `File "/home/me/app/worker.py", line 3, in work`. */
const frame = /^File "(?:[^"]*\/)?([^"/]+)", line (\d+), in (.+)$/;

/**
 * The last words of a text, quoted.
 *
 * @param most characters; what comes before them is cut
 */
export function lastSaid(text: string, most = charactersMost): string {
  const lines = text.split('\n').map((line) => line.trim());
  const stack = lines.findLastIndex((line) => line.startsWith('Traceback '));
  const kept = (stack < 0 ? lines : lines.slice(stack + 1)).filter((line) => line !== '' && !/^[~^]+$/.test(line));
  const said = (stack < 0 ? kept.slice(-3) : kept).map((line) => line.replace(frame, '$1:$2 in $3'));
  const all = said.join(' · ');
  return quoted(all.length > most ? `…${all.slice(-most)}` : all, most + 1);
}
