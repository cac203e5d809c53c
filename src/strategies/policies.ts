// The policy axes, for the command `list`.
export { axes } from '../policies/catalogue.ts';
