// How an error of a lane program becomes its ending, in lock step and running free.
import type { Ending } from '../model/process.ts';

/** @param root the world's directory: messages of Node name real paths, which differ from run to run */
export function threw(error: unknown, root: string): Extract<Ending, { how: 'threw' }> {
  const known = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in known && typeof known.code === 'string' ? `${known.code}: ` : '';
  return { how: 'threw', error: `${code}${known.message.replaceAll(root, '.')}` };
}
