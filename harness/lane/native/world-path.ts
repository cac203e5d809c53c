// ../../host/world-path.ts in the native host: the quick answer for what nearly every name is.
import { worldPath as slowly } from '../../host/world-path.ts';
import { host } from './host.ts';

export function worldPath(root: string, name: string, last: 'followed' | 'itself' = 'followed'): string | undefined {
  return host.worldPath(root, name, last === 'followed') ?? slowly(root, name, last);
}
