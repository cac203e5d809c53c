// A scenario's parts for tests of the board: programs of a test module on a fresh `kanban.db`. What stays out: running it,
// which needs the harness.
import type { Json, ProgramRef } from '../../harness/lane/world.ts';
import type { BoardSettings } from '../programs/board/settings.ts';
import { ledgerParts } from '../board-file/row-names.ts';
import { ledgerName } from '../programs/board/write-txn.ts';
import { parseStrategy } from '../strategies/parse.ts';

export const file = 'kanban.db';

export function settingsFor(strategy: string, more: Partial<BoardSettings> = {}): BoardSettings {
  return { file, policies: parseStrategy(strategy), ...more };
}

function inServer(name: string): ProgramRef {
  return { module: new URL('../programs/board/server.ts', import.meta.url).href, export: name };
}

const programs: { readonly [name: string]: ProgramRef } = {
  'board-lane': inServer('boardLane'),
  'board-server': inServer('boardServer'),
  init: { module: new URL('./board-programs.test-support.ts', import.meta.url).href, export: 'init' },
};

/**
 * A scenario of the tests, changed so that it runs on a fresh board.
 *
 * @param module of the programs, which are started by the names of their exports
 */
export function onFreshBoard<S extends object>(scenario: S, module: string, strategy: string) {
  return {
    ...scenario,
    name: `board-${strategy.replaceAll('+', '-')}`,
    database: file,
    programs: new Proxy(programs, {
      get: (known, name) => (typeof name === 'string' ? (known[name] ?? { module, export: name }) : undefined),
    }),
    setup: () => ({ name: 'init', program: 'init', args: settingsFor(strategy) as unknown as Json }),
    queries: { [ledgerName]: ledgerParts },
  };
}
