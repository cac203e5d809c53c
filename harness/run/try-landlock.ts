// The process that landlock.ts starts: confines itself to no folder at all and tries to write somewhere.
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Gate } from '../lane/gate-calls.ts';

const [binding = '', library = ''] = process.argv.slice(2);

function writes(): boolean {
  try {
    writeFileSync(join(tmpdir(), `lockstep-confined-${process.pid}`), '', { flag: 'wx' });
    rmSync(join(tmpdir(), `lockstep-confined-${process.pid}`));
    return true;
  } catch {
    return false;
  }
}

const control = new Database(':memory:', binding === '' ? {} : { nativeBinding: binding });
control.loadExtension(library);
const version = new Gate(control).confine([]);
process.stdout.write(JSON.stringify({ version, wrote: writes() }));
