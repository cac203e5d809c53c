// What the reports of wal-generation-split saw, and how to tell whether a run saw it too. Pure functions of the history.
import type { History } from '../harness/model/history.ts';
import type { Symptom } from '../harness/model/symptom.ts';
import { acknowledgedCommits } from '../harness/judge/invariants/acknowledged-commits.ts';

interface Said {
  readonly holder?: string;
  readonly what?: string;
  readonly code?: string | null;
  readonly ok?: boolean;
  readonly integrity?: string;
}

interface Entry {
  readonly kind: string;
  readonly nowMs: number;
  readonly said: Said;
}

function entries({ observations }: History): readonly Entry[] {
  return observations.map(({ kind, nowMs, data }) => ({ kind, nowMs, said: data as Said }));
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** As lsof showed it: the holder has a deleted -wal, and the name means another by then. */
function twoGenerations({ looks }: History): string | undefined {
  for (const { label, openFiles, paths } of looks) {
    const held = openFiles.find(
      ({ process, file, deleted }) => process.startsWith('holder-') && deleted && file.endsWith('-wal'),
    );
    const named = paths.find(({ file }) => file === held?.file);
    if (held === undefined || named === undefined) continue;
    return (
      `look "${label}": ${held.process} has generation ${held.generation} of ${held.file} open, which is deleted; ` +
      `the name means generation ${named.generation}`
    );
  }
  return undefined;
}

function byAReader({ marks }: History): string | undefined {
  const times = marks['unlinked-under-holder'] ?? 0;
  return times === 0
    ? undefined
    : `-wal was unlinked ${times} times by a process that closed, under one that had it open`;
}

function halted(history: History): string | undefined {
  const all = entries(history);
  const gone = all.find(({ kind }) => kind === 'generation-gone');
  if (gone === undefined) return undefined;
  const refused = all.filter(({ kind, said }) => kind === 'holder' && said.code === 'WAL_GENERATION_GONE').length;
  return `halted at ${seconds(gone.nowMs)}; ${refused} writes of a holder were refused`;
}

/** Well before the holder is asked to stop, and not after it is down. */
function brokenByShutdown(history: History): string | undefined {
  const all = entries(history);
  const down = all.find(({ kind }) => kind === 'holder-down');
  if (down === undefined) return undefined;
  const reads = all.filter(({ kind }) => kind === 'fresh-read');
  const before = reads.findLast(({ nowMs }) => nowMs < down.nowMs);
  const after = reads.find(({ nowMs, said }) => nowMs > down.nowMs && said.integrity !== 'ok');
  if (before?.said.integrity !== 'ok' || after === undefined) return undefined;
  const said = after.said.ok === true ? `integrity_check says ${after.said.integrity}` : `it says ${after.said.code}`;
  return `integrity_check was ok at ${seconds(before.nowMs)}; the holder shut down at ${seconds(down.nowMs)}; at ${seconds(after.nowMs)} ${said}`;
}

export const symptoms: readonly Symptom[] = [
  { reported: 'a long-lived holder on a deleted -wal, beside a fresh one of the same name', see: twoGenerations },
  { reported: 'a reader that opens and closes is enough', see: byAReader },
  { reported: 'the holder halts: DeletedWalGenerationError', see: halted },
  { reported: 'its graceful shutdown corrupts the main file', see: brokenByShutdown },
  {
    reported: 'rows that were acknowledged to the holder are lost',
    see: (history) => acknowledgedCommits.check(history)[0]?.message,
  },
];
