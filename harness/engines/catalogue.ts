// The SQLite versions that Lockstep knows from the start, and the better-sqlite3 release that carries each of them.
// Only data, pinned: an amalgamation whose hash differs is never compiled. What stays out: versions that a user
// added (user-catalogue.ts), and everything that is done with an entry.

/**
 * One SQLite version and where its source comes from.
 *
 * @property name the SQLite version, which is also the name of the plain engine
 * @property release the better-sqlite3 release whose `deps/sqlite3` carries it
 * @property sha256 of that release's `deps/sqlite3/sqlite3.c`, in hexadecimal
 * @property walResetBug whether this version carries the WAL-reset bug (wal-reset-bug.ts)
 * @property says one line for a list of engines
 * @property installedAs the name under which `npm ci` puts that release into node_modules; absent when the source
 *   is fetched on request (add.ts)
 */
export interface CatalogueEntry {
  readonly name: string;
  readonly release: string;
  readonly sha256: string;
  readonly walResetBug: boolean;
  readonly says: string;
  readonly installedAs?: string;
}

/** The engine that is meant when none is named: what the gateways of the reported incidents bundled. */
export const DEFAULT_ENGINE = '3.50.4';

/** The SQLite version that better-sqlite3's own prebuilt binding contains. What runs need besides takes a C compiler only. */
export const PREBUILT_ENGINE = '3.54.1';

/** Oldest first. The hashes were taken from the tarballs in the npm registry. */
export const catalogue: readonly CatalogueEntry[] = [
  {
    name: '3.49.2',
    release: '11.10.0',
    sha256: 'e80215754ac6cfaefe272342efd581b6dbefdbdc21f96bd83fcb698bee9d36a5',
    walResetBug: true,
    says: 'the last that better-sqlite3 11 carries; has the WAL-reset bug',
  },
  {
    name: '3.50.4',
    release: '12.4.1',
    sha256: '90b7189566ea710ee18361b25d893f5cda3fcf43033223a16384762f53e99a85',
    walResetBug: true,
    says: 'what the reported gateways bundled; has the WAL-reset bug',
    installedAs: 'better-sqlite3-3.50.4',
  },
  {
    name: '3.51.0',
    release: '12.4.6',
    sha256: 'fa20280a752428db5450f9542498c3b1cda64bdb2fa30345ce785fe34de1f212',
    walResetBug: true,
    says: 'first with a defence against cancelled POSIX locks; has the WAL-reset bug',
    installedAs: 'better-sqlite3-3.51.0',
  },
  {
    name: '3.51.1',
    release: '12.5.0',
    sha256: 'a2f20fae216f85b05c6c7cefcc0640d85353f00502ae20a1363840d72489825f',
    walResetBug: true,
    says: 'has the WAL-reset bug',
  },
  {
    name: '3.51.2',
    release: '12.6.2',
    sha256: '2bbdd0eff3f46852e954d7881b7945990bf78c1421f806cf7978bc22e187100a',
    walResetBug: true,
    says: 'the last with the WAL-reset bug',
    installedAs: 'better-sqlite3-3.51.2',
  },
  {
    name: '3.51.3',
    release: '12.8.0',
    sha256: '4845b2554eee2fd629fa305a599f80f5e8b989756ecb92fa323c2d38db41f4e8',
    walResetBug: false,
    says: 'the first without the WAL-reset bug',
  },
  {
    name: '3.53.0',
    release: '12.9.0',
    sha256: '391855ddc7af04001364430884d263cbe8638f852c83865823a2d08358f6b87d',
    walResetBug: false,
    says: 'WAL-reset bug fixed',
  },
  {
    name: '3.53.1',
    release: '12.10.0',
    sha256: '4400debe164efbc652cf868a951f6eb721e25f794466a8fc41cd854646883da8',
    walResetBug: false,
    says: 'WAL-reset bug fixed',
  },
  {
    name: '3.53.2',
    release: '12.11.1',
    sha256: '60d2f39a3726cd6b9021da6f4e868608d66fbb6528a9f513dc8ffcc640493422',
    walResetBug: false,
    says: 'the last that better-sqlite3 12 carries; WAL-reset bug fixed',
  },
  {
    name: '3.53.3',
    release: '13.0.1',
    sha256: '05740b9b59faec55fa8fff99c4a5e4b166c96ff15700afac814d248babf477ce',
    walResetBug: false,
    says: 'WAL-reset bug fixed',
  },
  {
    name: '3.53.4',
    release: '13.0.3',
    sha256: '6a2805f8c1ef020a7086e62258519323cf98b219e9fe87a42065d916cfebaefc',
    walResetBug: false,
    says: 'WAL-reset bug fixed',
  },
  {
    name: '3.54.1',
    release: '13.2.0',
    sha256: '75a4760a7b9727a4c4c877aec92eacf39e52a8f2921ce00bd33be6d3a8e8e254',
    walResetBug: false,
    says: 'current; its binding comes compiled, the native host compiles it once more',
    installedAs: 'better-sqlite3',
  },
];
