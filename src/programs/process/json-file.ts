// Small files of JSON beside the board: pid files, markers, what a supervisor says of its units. Never the database.
import { FileError, type World, type Json } from '../../../harness/lane/world.ts';

/** What stands in the file; undefined when there is none, or when what stands there is no JSON. */
export function readJson(world: World, file: string): Json | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(world.files.read(file))) as Json;
  } catch (error) {
    if (error instanceof FileError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Removes the file; somebody else may have been first. */
export function removeFile(world: World, file: string): void {
  try {
    world.files.unlink(file);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
  }
}
