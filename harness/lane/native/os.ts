// node:os in the native host: the numbers of errors.
import { host } from './host.ts';

export const constants = { errno: host.errno };
