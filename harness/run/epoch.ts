// Where virtual time begins.

/** Virtual time at the start of every run: 2026-05-23 00:00 UTC, the day most of the incidents were reported. */
export const epochMs = Date.UTC(2026, 4, 23);
