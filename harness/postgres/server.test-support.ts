// Is there a PostgreSQL for tests? In CI there has to be one.
import { findServer } from './find-server.ts';

export const hasServer = findServer() !== undefined || process.env['CI'] === 'true';
