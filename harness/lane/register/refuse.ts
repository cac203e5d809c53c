// What waits for something that is not of the run is said, and ends it: networks.
import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { notFollowed } from './process-of-run.ts';

export function refuseTheRest(): void {
  const network = (what: string) => () => notFollowed(`${what}: what comes from a network is not of the run`);
  net.Socket.prototype.connect = network('opens a connection (net.connect)');
  net.Server.prototype.listen = network('listens for connections (server.listen)');
  Object.assign(dgram, { createSocket: network('opens a socket (dgram.createSocket)') });
  Object.assign(dns, { lookup: network('looks up a name (dns.lookup)') });
  Object.assign(dns.promises, { lookup: network('looks up a name (dns.lookup)') });
  syncBuiltinESMExports();
}
