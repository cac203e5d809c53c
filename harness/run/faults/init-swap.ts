// init-swap: a further process replaces the database while others have it open, in one of the ways in which people do
// (programs/replace-database.program.ts), and makes a new one where that takes the old one away, as `kanban init` then does.
import { z } from 'zod';
import { addressSchema, type FaultKind, fileSchema, msSchema } from './fault.ts';
import { replaceDatabaseName } from './programs/catalogue.ts';
import { type ReplaceOrder, type Way, ways } from './programs/replace-database.program.ts';

const pauseMsByDefault = 1000;
const names = Object.keys(ways) as readonly Way[];

const schema = z.strictObject({
  kind: z.literal('init-swap'),
  at: addressSchema,
  /**
   * rm: the file only · rm-all: with -wal, -shm, -journal · mv-aside: renamed to `<db>.aside`, the sidecars stay · mv-all:
   * with the sidecars · cp-over: copied to `<db>.copy`, later copied over the live inode · restore: the same, later renamed
   * onto the name: a new inode beside the sidecars · rebuild: VACUUM INTO `<db>.rebuilt`, later renamed onto the name
   */
  way: z.enum(names, { error: `\`way\` is one of ${names.join(', ')}` }),
  /** Between taking the copy and putting it in place, virtual. Default: 1000. */
  pauseMs: msSchema.optional(),
  /** Which database, below the world's directory. Default: the scenario's. */
  database: fileSchema.optional(),
  /** Start the scenario's setup program in the end. Default: for rm and mv ways. */
  init: z.boolean().optional(),
});

export const initSwap = {
  kind: 'init-swap',
  says: `a person replaces the live database: ${names.join(' | ')}`,
  schema,
  strike({ way, pauseMs, database, init }, host) {
    const { program, args: told } = host.setup;
    const order = {
      way,
      database: database ?? host.database,
      pauseMs: pauseMs ?? pauseMsByDefault,
      init: (init ?? ways[way].inits) ? { program, args: told } : null,
    } satisfies ReplaceOrder;
    host.start({ name: host.freeName('init-swap'), program: replaceDatabaseName, args: order }, { lasts: true });
  },
} satisfies FaultKind<z.infer<typeof schema>>;
