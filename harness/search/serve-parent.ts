// What each process of our own owes to the one that started it: it ends when that one is gone, and stops what it does when
// that one says so by a signal; both in the middle of a run too. What stays out: what it is asked.
import { visible } from '../model/visible.ts';
import { hearSignals, onSignals } from '../host/signals.ts';

/**
 * Says the first word, that this process has started (own-process.ts). Ends it when the channel to its parent is closed. The coordinator closes itself on exit: processes and files
 * go with it.
 *
 * @returns whether the parent is gone, which a run hears before the event loop does
 */
export function followParent(): () => boolean {
  const parent = process.ppid;
  process.on('disconnect', () => process.exit(0));
  process.on('error', () => process.exit(0)); // of an answer that nobody takes: the parent is gone
  process.on('uncaughtException', (error) => {
    // The parent says that it died; on the terminal that both share no stack is of use.
    process.stderr.write(`${visible(error instanceof Error ? error.message : String(error))}\n`);
    process.exit(1);
  });
  process.send?.({ started: true }, () => {}); // a parent that is gone hears nothing
  return () => process.ppid !== parent;
}

/** @returns whether SIGTERM has come: what goes on is to end (asked-process.ts, `stop`) */
export function hearStop(): () => boolean {
  let told = false;
  onSignals(['SIGTERM'], () => (told = true));
  return () => {
    hearSignals();
    return told;
  };
}
