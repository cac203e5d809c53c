// What this room says while it works. What stays out: how a terminal shows it (cli).

/** Receives one line of prose, without a newline, such as `engine 3.50.4: ready`. */
export type Progress = (line: string) => void;

/** For callers that do not want to hear. */
export const silent: Progress = () => {};
