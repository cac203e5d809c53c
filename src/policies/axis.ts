// What all policy axes have in common. What stays out: what each axis decides (a folder an axis, a file a value).

/** A value of an axis. An interface of an axis adds what its values do. */
export interface PolicyValue {
  readonly says: string;
}

/** @property values the first is the system as reported */
export interface PolicyAxis {
  readonly says: string;
  readonly values: { readonly [name: string]: PolicyValue };
}
