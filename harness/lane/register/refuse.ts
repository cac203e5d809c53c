// What waits for something that is not of the run, or does what nobody would see, is said, and ends it: networks, debuggers, another
// program in place of this one. What stays out: what of a module's functions is followed (the other files here).
import dgram from 'node:dgram';
import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import inspector from 'node:inspector';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';
import { notFollowed } from './process-of-run.ts';

type Refusal = () => never;

const network = (what: string): Refusal => {
  return () =>
    notFollowed(
      `${what}: what comes from a network is not of the run. Let processes of the run speak by files, messages (fork) or the database, and leave the network out where Lockstep starts the program`,
    );
};

/** Some that are called on the prototype of a class, by its instances. */
function refuseNetworks(): void {
  const connects = network('opens a connection (net.connect)');
  net.Socket.prototype.connect = connects;
  Object.assign(net, { connect: connects, createConnection: connects });
  net.Server.prototype.listen = network('listens for connections (server.listen)');
  Object.assign(dgram, { createSocket: network('opens a socket (dgram.createSocket)') });
  Object.assign(tls, { connect: network('opens a connection (tls.connect)') });
  for (const [name, module] of Object.entries({ http, https }))
    for (const call of ['request', 'get'])
      Object.assign(module, { [call]: network(`asks a server (${name}.${call})`) });
  refuseNames(dns, 'dns');
  refuseNames(dns.promises, 'dns.promises');
  for (const name of ['fetch', 'WebSocket', 'EventSource'] as const) {
    if (!(name in globalThis)) continue;
    const value = function refused() {
      network(`asks a server (${name})`)();
    };
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

/** All that looks up a name. */
function refuseNames(module: object, called: string): void {
  for (const name of Object.keys(module))
    if (/^(lookup|resolve|reverse|Resolver$)/.test(name))
      Object.assign(module, {
        [name]: function refused() {
          network(`looks up a name (${called}.${name})`)();
        },
      });
}

function refuseDebuggers(): void {
  const debugged = (what: string): Refusal => {
    return () =>
      notFollowed(
        `${what}: a debugger would stop it whenever it likes. Replay the plan, and look at its steps (lockstep replay --trace)`,
      );
  };
  Object.assign(inspector, {
    open: debugged('opens a port for a debugger (inspector.open)'),
    waitForDebugger: debugged('waits for a debugger (inspector.waitForDebugger)'),
  });
  inspector.Session.prototype.connectToMainThread = debugged('debugs its main thread (session.connectToMainThread)');
  if (inspector.url() !== undefined) debugged('is started for a debugger (--inspect)')();
}

export function refuseTheRest(): void {
  refuseNetworks();
  refuseDebuggers();
  const replaced = { execve: () => notFollowed('calls process.execve: let it start a process and end (spawn, exit)') };
  if ('execve' in process) Object.assign(process, replaced);
  syncBuiltinESMExports();
}
