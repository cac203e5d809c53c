// Apart from what makes generations: `--help` names it, and loads nothing else.

/** Runs of a generation under the chooser `feedback`, where nobody says how many: some minutes of one worker. */
export const usualGeneration = 256;
