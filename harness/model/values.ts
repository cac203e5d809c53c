// Values as lanes, plans, histories and databases exchange them.

/** JSON, the only shape in which lanes, plans and histories exchange data. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What may be bound to a statement, and what comes back from it. */
export type SqlValue = null | number | bigint | string | Uint8Array;
export type Row = { readonly [column: string]: SqlValue };
