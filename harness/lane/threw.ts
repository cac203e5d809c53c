// How an error of a lane program becomes its ending, in lock step and running free.
import type { Ending } from '../model/process.ts';

/**
 * @param root the world's directory: messages of Node name real paths, which differ from run to run
 * @param files the program's own folder, which is no matter of the run's
 */
export function threw(error: unknown, root: string, files?: string): Extract<Ending, { how: 'threw' }> {
  const known = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in known && typeof known.code === 'string' ? `${known.code}: ` : '';
  const message = known.message.replaceAll(root, '.');
  return { how: 'threw', error: `${code}${files === undefined ? message : message.replaceAll(`${files}/`, '')}` };
}
