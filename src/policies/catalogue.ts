// The policy axes: what a candidate fix may change about the reported system. A value is a file in the axis's folder and a
// line here; the first value of each axis is the system as reported, or what it would be if it had the thing at all. What
// stays out: which choices have names (src/strategies).
import { readCommitted } from './isolation/read-committed.ts';
import { serializableRetry } from './isolation/serializable-retry.ts';
import { postgres } from './store/postgres.ts';
import { sqlite } from './store/sqlite.ts';
import type { PolicyAxis } from './axis.ts';
import { pages100 } from './autocheckpoint/pages-100.ts';
import { pages1000 } from './autocheckpoint/pages-1000.ts';
import { perCall } from './connections/per-call.ts';
import { none as noCheckpoints } from './checkpoints/none.ts';
import { passive } from './checkpoints/passive.ts';
import { truncate as truncateCheckpoints } from './checkpoints/truncate.ts';
import { reopen } from './connections/reopen.ts';
import { sentinel } from './connections/sentinel.ts';
import { shared } from './connections/shared.ts';
import { asReported as corruptionAsReported } from './corruption/as-reported.ts';
import { quarantine } from './corruption/quarantine.ts';
import { reindex } from './corruption/reindex.ts';
import { repair } from './corruption/repair.ts';
import { everyGateway } from './dispatch/every-gateway.ts';
import { leader } from './dispatch/leader.ts';
import { proxy } from './dispatch/proxy.ts';
import { never } from './downgrade/never.ts';
import { onIoError } from './downgrade/on-io-error.ts';
import { none as noGeneration } from './generation/none.ts';
import { reopens } from './generation/reopens.ts';
import { safeShutdown } from './generation/safe-shutdown.ts';
import { sticky } from './generation/sticky.ts';
import { adoptKill } from './guard/adopt-kill.ts';
import { adoptRefuse } from './guard/adopt-refuse.ts';
import { none as noGuard } from './guard/none.ts';
import { refuse } from './guard/refuse.ts';
import { watchdog } from './guard/watchdog.ts';
import { checker } from './health/checker.ts';
import { none as noHealth } from './health/none.ts';
import { aroundCommit } from './identity/around-commit.ts';
import { beforeTransaction } from './identity/before-transaction.ts';
import { none as noIdentity } from './identity/none.ts';
import { blocking } from './init-lock/blocking.ts';
import { bounded } from './init-lock/bounded.ts';
import { none as noInitLock } from './init-lock/none.ts';
import { deleting } from './journal/delete.ts';
import { persist } from './journal/persist.ts';
import { truncate } from './journal/truncate.ts';
import { versionGate } from './journal/version-gate.ts';
import { wal } from './journal/wal.ts';
import { closed } from './leader-failure/closed.ts';
import { open } from './leader-failure/open.ts';
import { board } from './leader-scope/board.ts';
import { root } from './leader-scope/root.ts';
import { flockSession } from './lock/flock-session.ts';
import { flockWrite } from './lock/flock-write.ts';
import { none as noLock } from './lock/none.ts';
import { byDescriptor } from './modes/by-descriptor.ts';
import { byPath } from './modes/by-path.ts';
import { none as noModes } from './modes/none.ts';
import { armed } from './ofd-guard/armed.ts';
import { none as noOfdGuard } from './ofd-guard/none.ts';
import { renewed } from './ofd-guard/renewed.ts';
import { strict } from './ofd-guard/strict.ts';
import { listen } from './notify/listen.ts';
import { poll } from './notify/poll.ts';
import { all } from './participation/all.ts';
import { dispatchers } from './participation/dispatchers.ts';
import { everyConnect as readOnEveryConnect } from './probe/every-connect.ts';
import { postCommit } from './probe/post-commit.ts';
import { tracked } from './probe/tracked.ts';
import { journal as operationsJournal } from './recovery/journal.ts';
import { none as noRecovery } from './recovery/none.ts';
import { snapshots } from './recovery/snapshots.ts';
import { anew } from './recreation/anew.ts';
import { leader as leaderRemembers } from './recreation/leader.ts';
import { registry } from './recreation/registry.ts';
import { everyConnect as reissueOnEveryConnect } from './reissue/every-connect.ts';
import { probeSets } from './reissue/probe-sets.ts';
import { whenDifferent } from './reissue/when-different.ts';
import { boundary } from './retries/boundary.ts';
import { none as noRetries } from './retries/none.ts';
import { once } from './schema/once.ts';
import { sentinelTable } from './schema/sentinel-table.ts';
import { mib8 } from './size-limit/mib-8.ts';
import { none as noSizeLimit } from './size-limit/none.ts';
import { extra } from './synchronous/extra.ts';
import { full } from './synchronous/full.ts';
import { normal } from './synchronous/normal.ts';
import { off } from './synchronous/off.ts';

export const axes = {
  journal: {
    says: 'journal mode that every connect sets',
    values: {
      wal,
      delete: deleting,
      truncate,
      persist,
      'version-gate': versionGate,
    },
  },
  synchronous: {
    says: 'how often SQLite waits for the disk',
    values: {
      normal,
      full,
      extra,
      off,
    },
  },
  autocheckpoint: {
    says: 'length of a WAL at which a commit checkpoints it',
    values: {
      'pages-1000': pages1000,
      'pages-100': pages100,
    },
  },
  reissue: {
    says: 'whether a connect sets the journal mode of a database that has it already',
    values: {
      'every-connect': reissueOnEveryConnect,
      'when-different': whenDifferent,
      'probe-sets': probeSets,
    },
  },
  downgrade: {
    says: 'what becomes of a connect on which WAL cannot be set',
    values: {
      'on-io-error': onIoError,
      never,
    },
  },
  probe: {
    says: 'raw reads of the database file, past SQLite',
    values: {
      'every-connect': readOnEveryConnect,
      'post-commit': postCommit,
      tracked,
    },
  },
  connections: {
    says: 'how long a connection lives, and whose it is',
    values: {
      'per-call': perCall,
      shared,
      sentinel,
      reopen,
    },
  },
  lock: {
    says: 'a flock of our own round what SQLite locks by itself',
    values: {
      none: noLock,
      'flock-write': flockWrite,
      'flock-session': flockSession,
    },
  },
  initLock: {
    says: 'a flock round connects',
    values: {
      none: noInitLock,
      blocking,
      bounded,
    },
  },
  dispatch: {
    says: 'which processes may act on the board',
    values: {
      'every-gateway': everyGateway,
      leader,
      proxy,
    },
  },
  leaderScope: {
    says: 'what a leader is the leader of',
    values: {
      board,
      root,
    },
  },
  leaderFailure: {
    says: 'what a gateway does when the leader’s lock file cannot be opened',
    values: {
      closed,
      open,
    },
  },
  participation: {
    says: 'which gateways open the database',
    values: {
      all,
      dispatchers,
    },
  },
  guard: {
    says: 'what keeps a second gateway of a profile, or an orphan, from running beside the unit’s own',
    values: {
      none: noGuard,
      refuse,
      'adopt-kill': adoptKill,
      'adopt-refuse': adoptRefuse,
      watchdog,
    },
  },
  corruption: {
    says: 'what becomes of a board that turns out to be damaged',
    values: {
      'as-reported': corruptionAsReported,
      quarantine,
      reindex,
      repair,
    },
  },
  identity: {
    says: 'whether a process asks, before it writes, if its file is still the one that the path names',
    isLater: true,
    values: {
      none: noIdentity,
      'before-transaction': beforeTransaction,
      'around-commit': aroundCommit,
    },
  },
  recreation: {
    says: 'whether a new board may be made where one has been',
    isLater: true,
    values: {
      anew,
      registry,
      leader: leaderRemembers,
    },
  },
  recovery: {
    says: 'how a board that was taken away, replaced or damaged comes back',
    isLater: true,
    values: {
      none: noRecovery,
      snapshots,
      journal: operationsJournal,
    },
  },
  health: {
    says: 'a periodic check from outside',
    values: {
      none: noHealth,
      checker,
    },
  },
  ofdGuard: {
    says: 'read locks of open file descriptions on SQLite’s own descriptors, which no stray close drops',
    isLater: true,
    values: {
      none: noOfdGuard,
      armed,
      renewed,
      strict,
    },
  },
  generation: {
    says: 'what a process does that finds its -wal or -shm deleted or replaced before it writes',
    isLater: true,
    values: {
      none: noGeneration,
      sticky,
      reopens,
      'safe-shutdown': safeShutdown,
    },
  },
  modes: {
    says: 'how the permissions of a board’s files are tightened',
    isLater: true,
    values: {
      none: noModes,
      'by-descriptor': byDescriptor,
      'by-path': byPath,
    },
  },
  schema: {
    says: 'when a process makes the tables',
    isLater: true,
    values: {
      once,
      'sentinel-table': sentinelTable,
    },
  },
  checkpoints: {
    says: 'checkpoints that the dispatcher asks for, beside SQLite’s own',
    isLater: true,
    values: {
      none: noCheckpoints,
      passive,
      truncate: truncateCheckpoints,
    },
  },
  retries: {
    says: 'what becomes of a transaction whose BEGIN or COMMIT is refused for a lock',
    isLater: true,
    values: {
      none: noRetries,
      boundary,
    },
  },
  sizeLimit: {
    says: 'to what length a long WAL or journal is cut when it is begun anew',
    isLater: true,
    values: {
      none: noSizeLimit,
      'mib-8': mib8,
    },
  },
  store: {
    says: 'where the tables are',
    isLater: true,
    values: {
      sqlite,
      postgres,
    },
  },
  isolation: {
    says: 'what a write transaction on a server sees of others',
    isLater: true,
    values: {
      'read-committed': readCommitted,
      'serializable-retry': serializableRetry,
    },
  },
  notify: {
    says: 'how a watcher of a gateway learns that there is work',
    isLater: true,
    values: {
      poll,
      listen,
    },
  },
} satisfies { readonly [axis: string]: PolicyAxis };

type Axes = typeof axes;
export type Axis = keyof Axes;

/** A choice for each axis, by name: JSON. */
export type Policies = { readonly [A in Axis]: keyof Axes[A]['values'] };

/** What the values of an axis do. */
export type Behaviour<A extends Axis> = Axes[A]['values'][keyof Axes[A]['values']];

/**
 * Values that the axes do not have, by name, and by the axes that have one of that name. Whoever adds some adds them in every
 * process that is to know them: policies travel as names. Nothing lists them.
 */
export const addedValues = new Map<string, { readonly [A in Axis]?: Behaviour<A> }>();

/** What the policy chosen on an axis does. @throws Error for a value that was added in another process, and not in this one */
export function behaviourOf<A extends Axis>(policies: Policies, axis: A): Behaviour<A> {
  const { values }: { readonly values: { readonly [name: string]: unknown } } = axes[axis];
  const name = (policies[axis] as string | undefined) ?? (asReported[axis] as string);
  const found = values[name] ?? addedValues.get(name)?.[axis];
  if (found === undefined) throw new Error(`This process knows no value ${name} of the axis ${axis}.`);
  return found as Behaviour<A>;
}

/** The system as reported: the first value of every axis. */
export const asReported = Object.fromEntries(
  Object.entries(axes).map(([axis, { values }]) => [axis, Object.keys(values)[0]]),
) as Policies;

/** Policies as processes are told them: {@link behaviourOf} knows what is left out. */
export function toldPolicies(policies: Policies): Policies {
  const told = (Object.entries(axes) as [Axis, PolicyAxis][]).filter(
    ([axis, { isLater }]) => isLater !== true || policies[axis] !== asReported[axis],
  );
  return Object.fromEntries(told.map(([axis]) => [axis, policies[axis]])) as Policies;
}

/** Every axis with its values, for people. */
export const policies = Object.entries(axes as { readonly [axis: string]: PolicyAxis }).map(
  ([name, { says, values }]) => ({
    name,
    says,
    values: Object.entries(values).map(([value, meaning]) => ({ name: value, says: meaning.says })),
  }),
);
