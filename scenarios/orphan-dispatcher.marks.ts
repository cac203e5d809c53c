// The marks of orphan-dispatcher, read off a history.
import type { HistoryMark } from '../harness/model/scenario.ts';
import type { History } from '../harness/model/history.ts';

interface Data {
  readonly act?: string;
  readonly gateway?: string;
  readonly lane?: string;
}

function* seen({ observations }: History): Iterable<Data & { readonly kind: string }> {
  for (const { kind, data } of observations) yield { kind, ...(data as Data) };
}

/** What no fix can keep a person from. */
export const startedFromShell: HistoryMark = {
  name: 'started-from-shell',
  says: 'a person typed a command in a shell that starts a gateway beside the unit’s own',
  count: (history) =>
    [...seen(history)].filter(({ kind, act }) => kind === 'operator' && /^gateway-(run|restart)$/.test(act ?? ''))
      .length,
};

/** Between two ticks of one dispatcher another one has ticked: both live. */
export const twoDispatchers: HistoryMark = {
  name: 'two-dispatchers',
  says: 'two dispatchers tick in turn: between two ticks of one process lies a tick of another',
  count(history) {
    const ticked = new Set<string>();
    let last: string | undefined;
    let turns = 0;
    for (const { kind, lane, gateway = '' } of seen(history)) {
      if (!kind.startsWith('tick') || lane !== 'dispatcher' || gateway === last) continue;
      if (ticked.has(gateway)) turns++;
      ticked.add(gateway);
      last = gateway;
    }
    return turns;
  },
};
