// What `import … from 'lockstep/world'` gives: what a program over World sees. A module of its own, which lanes can load without all
// the rest.
export { FileError, SqlError } from '../lane/world.ts';
export type {
  Connection,
  Descriptor,
  Ending,
  Files,
  FileStat,
  Flock,
  Json,
  LinkStat,
  OpenFlags,
  OpenOptions,
  ProcessEntry,
  Program,
  Row,
  SpawnOptions,
  SqlValue,
  World,
} from '../lane/world.ts';
