// A PostgreSQL server for tests: on a unix socket in a folder of its own, as another user where we are root, and easy to kill.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** Where Debian has its binaries, the newest first; elsewhere LOCKSTEP_POSTGRES names the folder. */
function binaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [process.env['LOCKSTEP_POSTGRES'], ...versions.map((version) => join(debian, version, 'bin'))];
  return folders.find((folder) => folder !== undefined && existsSync(join(folder, 'initdb')));
}

/** Is there a server to be had? */
export const hasServer = binaries() !== undefined;

function whoRuns(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export interface TestServer {
  /** For `--store`. */
  readonly url: string;
  /** SIGKILL to the server and all its processes, as a crash of the machine would be to them. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends every client's connection but the one that asks. */
  cutAll(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * What a server asks of its clients; default: nothing, on a unix socket.
 *
 * @property password of its user, over TCP at this machine only, encrypted, with a certificate of its own
 */
interface Guard {
  readonly password: string;
}

/** A port that nobody has just now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** @returns the server's settings */
function makeCertificate(folder: string): readonly string[] {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'ca.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate, ...names],
    { stdio: 'pipe' },
  );
  chmodSync(key, 0o600);
  return ['-c', 'ssl=on', '-c', `ssl_key_file=${key}`, '-c', `ssl_cert_file=${certificate}`];
}

export async function startServer(guard?: Guard): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-pg-'));
  const bin = binaries();
  if (bin === undefined)
    throw new Error('No PostgreSQL here: LOCKSTEP_POSTGRES names the folder of initdb and postgres.');
  const who = whoRuns();
  if (who !== undefined) chownSync(folder, who.uid, who.gid);
  const data = join(folder, 'data');
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'lockstep', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...who,
    stdio: 'pipe',
    cwd: folder,
  });
  const socket = `postgres://lockstep@localhost/postgres?host=${encodeURIComponent(folder)}`;
  const port = guard === undefined ? 5432 : await freePort();
  const encryption = guard === undefined ? [] : makeCertificate(folder);
  if (who !== undefined && guard !== undefined) chownSync(join(folder, 'key.pem'), who.uid, who.gid);
  if (guard !== undefined)
    writeFileSync(join(data, 'pg_hba.conf'), 'local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n');
  const url =
    guard === undefined
      ? socket
      : `postgres://lockstep@localhost:${port}/postgres?sslmode=verify-full&sslrootcert=${join(folder, 'ca.pem')}`;
  let server: ChildProcess | undefined;
  const asked = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: `${socket}&port=${port}` });
    client.on('error', () => {});
    await client.connect();
    await client.query(text);
    await client.end();
  };
  const start = async (): Promise<void> => {
    const addresses = guard === undefined ? '' : '127.0.0.1';
    const options = ['-D', data, '-k', folder, '-p', String(port), '-c', `listen_addresses=${addresses}`];
    options.push('-c', 'max_connections=50', ...encryption);
    server = spawn(join(bin, 'postgres'), options, { ...who, stdio: 'ignore', cwd: folder, detached: true });
    for (let tries = 0; ; tries++) {
      try {
        await asked('SELECT 1');
        return;
      } catch (error) {
        if (tries > 300) throw error;
        await pause(100);
      }
    }
  };
  const kill = async (): Promise<void> => {
    const { pid } = server ?? {};
    if (server === undefined || pid === undefined) return;
    const over = new Promise((resolve) => server?.once('exit', resolve));
    process.kill(-pid, 'SIGKILL');
    await over;
    server = undefined;
  };
  /** A test that is given up leaves no server behind. */
  const atExit = (): void => {
    if (server?.pid !== undefined) process.kill(-server.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', atExit);
  await start();
  if (guard !== undefined) await asked(`ALTER ROLE lockstep PASSWORD '${guard.password}'`);
  return {
    url,
    kill,
    start,
    cutAll: () => asked(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lockstep'`),
    remove: async () => {
      await kill();
      process.off('exit', atExit);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
