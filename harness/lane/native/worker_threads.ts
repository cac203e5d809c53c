// node:worker_threads in the native host, for give-up.ts: any thread ends the whole process.
export const isMainThread = true;
