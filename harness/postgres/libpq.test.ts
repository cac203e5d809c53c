import { expect, test } from 'vitest';
import { findServer } from './find-server.ts';
import { Client, ClientError, loadLibpq } from './libpq.ts';
import { hasServer } from './server.test-support.ts';

test.skipIf(!hasServer)('a refusal names no place of this machine: it stands in the trace of a run', () => {
  const libpq = loadLibpq(findServer()!.libpq);
  const refusal = (): unknown => new Client(libpq, 'host=/nowhere/of/ours dbname=run_1 user=lane');
  expect(refusal).toThrow(ClientError);
  expect(refusal).not.toThrow('/nowhere');
  expect(refusal).toThrow('could not connect to the server');
});
