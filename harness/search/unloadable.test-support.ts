// A lane program that loads here and not in a simulated process, which has an environment of its own.
if (process.env['PATH'] === undefined) throw new Error('there is no PATH');

export function lost(): void {
  // Never runs.
}
