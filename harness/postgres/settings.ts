// Settings of the server under lock step, each with its reason: a server acts by itself, on clocks and with helpers of its own, and what
// a run shows may depend on none of them. `npm run reference` lists them in docs/postgres.md. What stays out: where the server is and how it is started (cluster.ts).

/** @property always also where nobody holds the server still, and times are taken: by default it has PostgreSQL's own value there */
export interface ServerSetting {
  readonly name: string;
  readonly value: string;
  readonly because: string;
  readonly always?: boolean;
}

/** A clock that never comes, ms: the largest that PostgreSQL takes. */
const never = '2147483647';

export const serverSettings: readonly ServerSetting[] = [
  {
    name: 'listen_addresses',
    value: '',
    because: 'nothing listens on the network: there is one unix socket',
    always: true,
  },
  { name: 'unix_socket_permissions', value: '0700', because: 'nobody else may connect', always: true },
  { name: 'autovacuum', value: 'off', because: 'it comes by a clock, and moves rows' },
  { name: 'bgwriter_lru_maxpages', value: '0', because: 'the background writer writes by a clock' },
  {
    name: 'checkpoint_timeout',
    value: '1d',
    because: 'checkpoints come when asked for, or by the WAL that was written',
  },
  { name: 'wal_writer_delay', value: '10s', because: 'what is not committed is written when a backend writes it' },
  { name: 'max_parallel_workers', value: '0', because: 'rows of parallel plans come in an order of chance' },
  { name: 'max_worker_processes', value: '0', because: 'no process acts that no lane has asked' },
  { name: 'max_logical_replication_workers', value: '0', because: 'nobody replicates' },
  { name: 'jit', value: 'off', because: 'compiling takes long and changes nothing' },
  { name: 'synchronize_seqscans', value: 'off', because: 'a scan would begin where another is' },
  {
    name: 'deadlock_timeout',
    value: never,
    because: 'it is a clock: Lockstep looks for circles itself, at each wait (waits.ts)',
  },
  { name: 'restart_after_crash', value: 'off', because: 'a server that was killed is started when the plan says so' },
  { name: 'wal_level', value: 'minimal', because: 'nobody replicates' },
  { name: 'max_wal_senders', value: '0', because: 'nobody replicates' },
  { name: 'track_counts', value: 'off', because: 'only autovacuum reads them' },
  { name: 'shared_buffers', value: '16MB', because: 'a board is small' },
  {
    name: 'dynamic_shared_memory_type',
    value: 'mmap',
    because: 'what a killed server leaves goes with its folder, and no file is made in /dev/shm',
    always: true,
  },
  { name: 'timezone', value: 'UTC', because: 'no zone of the machine reaches a run', always: true },
  { name: 'client_min_messages', value: 'error', because: 'notices are nobody’s', always: true },
  { name: 'synchronous_commit', value: 'on', because: 'the default: COMMIT returns when it is on disk', always: true },
  { name: 'fsync', value: 'on', because: 'the default', always: true },
  { name: 'full_page_writes', value: 'on', because: 'the default', always: true },
];

/** Which PostgreSQL keeps for superusers; one more watches (server.ts). */
const reserved = 3;

/** How a server runs: held still but for the lane whose turn it is · free, for what it costs. */
export type ServerPace = 'lock-step' | 'free';

/** @param lanesMost connections that lanes may have together; one more is refused, SQLSTATE 53300 */
export function settingArguments(lanesMost: number, pace: ServerPace): readonly string[] {
  const ours = serverSettings.filter(({ always }) => pace === 'lock-step' || always === true);
  const all = [
    ...ours.map(({ name, value }) => `${name}=${value}`),
    `max_connections=${lanesMost + reserved + 1}`,
    `superuser_reserved_connections=${reserved}`,
  ];
  return all.flatMap((one) => ['-c', one]);
}
