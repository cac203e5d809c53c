// What takes too long for every `npm test`: LOCKSTEP_ALL=1 runs it too.

/** Is there time for everything? */
export const long = process.env['LOCKSTEP_ALL'] === '1';
