// A step as lanes, coordinator and observers hand it on: the numbers of one record, and what they say by name. What stays
// out: how it lies in bytes (gate/protocol.ts), and what was asked in it (request.ts).

/**
 * `host`: it failed for want of something that the machine lacks; `errno` says of what. `unguarded`: it worked on a database
 * past SQLite's locks; only where the grant asks for it.
 */
export const recordFlag = { switchPoint: 1, injected: 2, torn: 4, host: 8, unguarded: 16 } as const;

/**
 * One record, decoded. `file` is a number that a `name` record of the same lane announced. What `a` and `b` are depends on the
 * operation: {@link decode} says it.
 */
export interface RawRecord {
  op: number;
  role: number;
  flags: number;
  lane: number;
  file: number;
  rc: number;
  handle: number;
  a: number;
  b: number;
  /** Checksum of the bytes that were read or written. */
  sum: number;
  /** With the flag `host` only, else 0: a sound run has none. */
  errno: number;
  text: string;
}

export function emptyRecord(): RawRecord {
  return { op: 0, role: 0, flags: 0, lane: 0, file: 0, rc: 0, handle: 0, a: 0, b: 0, sum: 0, errno: 0, text: '' };
}

/** Flags of xShmLock (sqlite3.h, SQLITE_SHM_LOCK and SQLITE_SHM_SHARED). */
const shmFlag = { lock: 2, shared: 4 } as const;

/** Slots of the locks of a wal-index, the first of several for who reads (walformat.html, "WAL Locks"). */
export const walSlot = { write: 0, checkpoint: 1, recover: 2, read: 3 } as const;

type Numbers = Pick<RawRecord, 'a' | 'b' | 'sum'>;

const extent = ({ a, b, sum }: Readonly<Numbers>) => ({ length: a, offset: b, sum });
const size = ({ b }: Readonly<Numbers>) => ({ size: b });
const level = ({ a }: Readonly<Numbers>) => ({ level: a });
const flags = ({ a }: Readonly<Numbers>) => ({ flags: a });

/** How a step `fdLock` asks fcntl(2): bits above the offset (gate-found.c). */
export const rangeLock = { ofProcess: 1, released: 2, above: 2 ** 48 } as const;

/**
 * The arguments of a step by name, for operations that have any. Lengths, sizes and offsets are bytes, levels those of xLock
 * (sqlite3.h), `page` is a region of the wal-index (xShmMap), `slot` the first of `count` wal-index locks (xShmLock), `answer` what
 * came back.
 */
export const decode = {
  read: extent,
  write: extent,
  fetch: extent,
  fdRead: extent,
  fdWrite: extent,
  fdTruncate: size,
  fdLock: ({ a, b }: Readonly<Numbers>) => {
    const how = Math.floor(b / rangeLock.above);
    return {
      owner: (how & rangeLock.ofProcess) === 0 ? ('descriptor' as const) : ('process' as const),
      action: (how & rangeLock.released) === 0 ? ('lock' as const) : ('unlock' as const),
      length: a,
      offset: b % rangeLock.above,
    };
  },
  truncate: size,
  fileSize: size,
  lock: level,
  unlock: level,
  /** Packed by gate.c (gateShmLock) as offset << 16 | count << 8 | flags. */
  shmLock: ({ a }: Readonly<Numbers>) => ({
    slot: a >> 16,
    count: (a >> 8) & 0xff,
    action: (a & shmFlag.lock) !== 0 ? ('lock' as const) : ('unlock' as const),
    mode: (a & shmFlag.shared) !== 0 ? ('shared' as const) : ('exclusive' as const),
  }),
  shmMap: ({ a, b }: Readonly<Numbers>) => ({ page: a, extend: b }),
  shmUnmap: ({ a }: Readonly<Numbers>) => ({ delete: a }),
  open: flags,
  sync: flags,
  access: ({ a, b }: Readonly<Numbers>) => ({ flags: a, answer: b }),
  checkReserved: ({ b }: Readonly<Numbers>) => ({ answer: b }),
  fileControl: ({ a }: Readonly<Numbers>) => ({ control: a }),
  delete: ({ a }: Readonly<Numbers>) => ({ syncDirectory: a }),
  busySleep: ({ a }: Readonly<Numbers>) => ({ microseconds: a }),
  sleep: ({ b }: Readonly<Numbers>) => ({ ms: b }),
  randomness: ({ a }: Readonly<Numbers>) => ({ bytes: a }),
  mark: ({ a }: Readonly<Numbers>) => ({ code: a }),
} as const;

/** What a lane that sleeps has promised: virtual ms since the Unix epoch until which each waking would repeat the last. */
export function quietUntilMs(sleep: Readonly<RawRecord>): number | undefined {
  return sleep.text === '' ? undefined : Number(sleep.text);
}
