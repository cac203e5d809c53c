// The axis `generation`: what a process does that finds its -wal or -shm deleted or replaced (`DeletedWalGenerationError`, #105670).
// What stays out: the look (programs/board/generation.ts).
import type { PolicyValue } from '../axis.ts';

/**
 * @property looks before each write the inodes of -wal and -shm are compared with those at the open; where they differ, the
 *   connection is halted for good, and what was to be written goes to a file beside the board
 * @property reopens a halted connection is closed, another opened, and the operation tried once more
 * @property closesHalted a halted connection is closed like any other, which may checkpoint the generation that it still has
 */
export interface Generation extends PolicyValue {
  readonly looks: boolean;
  readonly reopens: boolean;
  readonly closesHalted: boolean;
}
