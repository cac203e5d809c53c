// Settings of the server under lock step, each with its reason: a server acts by itself, on clocks and with helpers of its own, and what
// a run shows may depend on none of them. `npm run reference` lists them in docs/postgres.md. What stays out: where the server is and how it is started (cluster.ts).

export interface ServerSetting {
  readonly name: string;
  readonly value: string;
  readonly because: string;
}

/** A clock that never comes, ms: the largest that PostgreSQL takes. */
const never = '2147483647';

export const serverSettings: readonly ServerSetting[] = [
  { name: 'listen_addresses', value: '', because: 'nothing listens on the network: there is one unix socket' },
  { name: 'unix_socket_permissions', value: '0700', because: 'nobody else may connect' },
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
  { name: 'timezone', value: 'UTC', because: 'no zone of the machine reaches a run' },
  { name: 'client_min_messages', value: 'error', because: 'notices are nobody’s' },
  { name: 'synchronous_commit', value: 'on', because: 'the default: COMMIT returns when it is on disk' },
  { name: 'fsync', value: 'on', because: 'the default' },
  { name: 'full_page_writes', value: 'on', because: 'the default' },
];

/** Which PostgreSQL keeps for superusers; one more watches (server.ts). */
const reserved = 3;

/** @param lanesMost connections that lanes may have together; one more is refused, SQLSTATE 53300 */
export function settingArguments(lanesMost: number): readonly string[] {
  const all = [
    ...serverSettings.map(({ name, value }) => `${name}=${value}`),
    `max_connections=${lanesMost + reserved + 1}`,
    `superuser_reserved_connections=${reserved}`,
  ];
  return all.flatMap((one) => ['-c', one]);
}
