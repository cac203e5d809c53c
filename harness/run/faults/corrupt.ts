// corrupt: bytes of the database file change from outside, while every lane stands still: nobody's locks, caches or -wal
// know of it. Only pages are taken whose newest version is in the file: of one that is also in -wal no reader would see
// the change, and a checkpoint would write over it. What stays out: how such a page is read and damaged
// (database-file.ts, page-damage.ts).
import type { FaultOf } from '../../model/fault.ts';
import { corruptWays, foreignBytes } from '../../model/fault-words.ts';
import { cellsOf, type DatabaseFile, readDatabaseFile, type TreePage } from '../../observe/database-file.ts';
import type { FaultHost, FaultKind } from './fault.ts';
import { type Damage, dropEntry, droppableEntries, randomBytes, scramble, swapRows } from './page-damage.ts';

/** A way of damaging one page: which pages it takes, and what it does to one. */
interface Way {
  fits(page: TreePage, bytes: Buffer, usable: number): boolean;
  damage(bytes: Buffer, usable: number, random: () => number): Damage;
}

const ways = {
  'page-scramble': { fits: () => true, damage: (bytes, _usable, random) => scramble(bytes, random) },
  'rowid-out-of-order': {
    fits: ({ kind }, bytes) => kind === 'table-leaf' && cellsOf(bytes).length >= 2,
    damage: (bytes, _usable, random) => swapRows(bytes, random),
  },
  'index-entry-dropped': {
    // A leaf that is no root may not become empty: then more than an entry would be wrong.
    fits: ({ kind, of, isRoot }, bytes, usable) =>
      kind === 'index-leaf' &&
      of === 'index' &&
      cellsOf(bytes).length >= (isRoot ? 1 : 2) &&
      droppableEntries(bytes, usable).length > 0,
    damage: dropEntry,
  },
} satisfies { readonly [how in Exclude<Spec['how'], typeof foreignBytes>]: Way };

type Spec = FaultOf<'corrupt'>;

/** A TLS 1.3 record that says goodbye: its head (RFC 8446, section 5.2) and an alert of 2 bytes, sealed: 19 bytes. */
function tlsRecord(random: () => number): Buffer {
  return Buffer.concat([Buffer.from([0x17, 0x03, 0x03, 0x00, 0x13]), randomBytes(random, 19)]);
}

const foreignOffset = 5;

function damagePage({ how, owner, nth }: Spec, database: string, way: Way, host: FaultHost): string {
  const file = host.read(database);
  const known: DatabaseFile | undefined =
    file === undefined ? undefined : readDatabaseFile(file, host.read(`${database}-wal`));
  if (file === undefined || known === undefined) return `${database} is no database now, so it was left alone`;
  const { pageBytes, usable } = known;
  const bytesOf = ({ number }: TreePage): Buffer => file.subarray((number - 1) * pageBytes, number * pageBytes);
  const fitting = known.pages.filter(
    (page) => page.inFile && (owner === undefined || page.owner === owner) && way.fits(page, bytesOf(page), usable),
  );
  const chosen = fitting[nth === undefined ? Math.floor(host.random() * fitting.length) : nth - 1];
  if (chosen === undefined) {
    const inWal = known.pages.filter(({ inFile }) => !inFile).length;
    return `${fitting.length} pages of ${database} fit ${how} (${inWal} of ${known.pages.length} are newer in -wal), so it was left alone`;
  }
  const { page, says } = way.damage(bytesOf(chosen), usable, () => host.random());
  host.overwrite(database, (chosen.number - 1) * pageBytes, page, chosen);
  return `${database}: page ${chosen.number}, ${chosen.kind} of ${chosen.of} ${chosen.owner}: ${says}`;
}

export const corrupt = {
  kind: 'corrupt',
  says: `bytes of the database file change from outside: ${corruptWays.join(' | ')}`,
  strike(spec, host) {
    const database = spec.database ?? host.database;
    if (spec.how !== foreignBytes) {
      host.note(damagePage(spec, database, ways[spec.how], host));
    } else if ((host.sizeOf(database) ?? 0) === 0) {
      host.note(`there is no ${database} now, or it is empty, so it was left alone`);
    } else {
      host.overwrite(
        database,
        foreignOffset,
        tlsRecord(() => host.random()),
      );
      host.note(`${database}: 24 bytes from byte ${foreignOffset} on are those of a TLS record`);
    }
  },
} satisfies FaultKind<FaultOf<'corrupt'>>;
