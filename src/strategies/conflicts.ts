// Choices that do not go together, each with its reason. What stays out: refusing them (parse.ts).
import { asReported, type Axis, axes } from '../policies/catalogue.ts';

/** Choices of which one makes the other senseless, and why. */
export interface Conflict {
  readonly choices: readonly (readonly [Axis, string])[];
  readonly because: string;
}

/** Axes that say what is done with the board's file, or by SQLite. */
const ofFiles = [
  'journal',
  'synchronous',
  'autocheckpoint',
  'reissue',
  'downgrade',
  'probe',
  'lock',
  'initLock',
  'corruption',
  'identity',
  'recreation',
  'recovery',
  'ofdGuard',
  'generation',
  'modes',
  'schema',
  'checkpoints',
  'retries',
  'sizeLimit',
] as const satisfies readonly Axis[];

export const conflicts: readonly Conflict[] = [
  ...(['every-gateway', 'proxy'] as const).map((dispatch) => ({
    choices: [
      ['recreation', 'leader'],
      ['dispatch', dispatch],
    ] as const,
    because: 'no gateway is elected leader there, so there is none whose memory could be asked',
  })),
  {
    choices: [
      ['recreation', 'leader'],
      ['leaderScope', 'root'],
    ],
    because: 'who leads a whole root need not have had this board open, and remembers nothing of it',
  },
  ...(['armed', 'renewed', 'strict'] as const).flatMap((guard) =>
    (['delete', 'truncate', 'persist'] as const).map((journal) => ({
      choices: [
        ['ofdGuard', guard],
        ['journal', journal],
      ] as const,
      because:
        'with a rollback journal each commit needs EXCLUSIVE on the bytes that the guard has locked: its own process is refused',
    })),
  ),
  {
    choices: [
      ['ofdGuard', 'strict'],
      ['journal', 'version-gate'],
    ],
    because: 'a strict guard needs a -shm, and where the gate is shut there is none: no open would succeed',
  },
  ...(['shared', 'sentinel', 'reopen'] as const).map((kept) => ({
    choices: [
      ['lock', 'flock-session'],
      ['connections', kept],
    ] as const,
    because: 'a connection that is never closed never gives its lock back, so nobody else could open the board',
  })),
  ...(['sticky', 'reopens', 'safe-shutdown'] as const).flatMap((generation) =>
    [
      ['identity', 'before-transaction'] as const,
      ['identity', 'around-commit'] as const,
      ['recovery', 'snapshots'] as const,
      ['recovery', 'journal'] as const,
    ].map(
      (live): Conflict => ({
        choices: [['generation', generation], live],
        because:
          'the guard watches one connection for its life, and that one is changed for another where the file is replaced',
      }),
    ),
  ),
  ...(['journal', 'snapshots'] as const).flatMap((kept): Conflict[] => [
    {
      choices: [
        ['recovery', kept],
        ['corruption', 'quarantine'],
      ],
      because: 'the quarantine keeps everybody away from a damaged board, also who could bring it back',
    },
    ...(['shared', 'reopen'] as const).map(
      (lasting): Conflict => ({
        choices: [
          ['recovery', kept],
          ['connections', lasting],
        ],
        because: 'a board is compared with what is kept of it when it is opened, and such a connection is opened once',
      }),
    ),
    {
      choices: [
        ['recovery', kept],
        ['dispatch', 'proxy'],
      ],
      because: 'a board is compared with what is kept of it when it is opened, and the server opens it once',
    },
  ]),
  {
    choices: [
      ['dispatch', 'proxy'],
      ['connections', 'sentinel'],
    ],
    because: 'under a proxy the gateways have no connection, so there is none to pin',
  },
  {
    choices: [
      ['dispatch', 'proxy'],
      ['connections', 'shared'],
    ],
    because: 'under a proxy the gateways have no connection, so their threads have none to share',
  },
  {
    choices: [
      ['store', 'sqlite'],
      ['notify', 'listen'],
    ],
    because: 'SQLite tells no other process of what was committed: there is no NOTIFY to wait for',
  },
  {
    choices: [
      ['store', 'sqlite'],
      ['isolation', 'serializable-retry'],
    ],
    because: 'SQLite has no levels of isolation: its write transactions come one after the other',
  },
  {
    choices: [
      ['dispatch', 'proxy'],
      ['notify', 'listen'],
    ],
    because:
      'under a proxy the gateways have no connection, so there is none on which the server could tell them anything',
  },
  ...ofFiles.flatMap((axis) =>
    Object.keys(axes[axis].values)
      .filter((value) => value !== asReported[axis])
      .map((value): Conflict => {
        return {
          choices: [
            ['store', 'postgres'],
            [axis, value],
          ],
          because: 'with its tables in a server the board has no file, and nothing that is said of one means anything',
        };
      }),
  ),
];
