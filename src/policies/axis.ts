// What all policy axes have in common. What stays out: what each axis decides (a folder an axis, a file a value).

/**
 * A value of an axis. An interface of an axis adds what its values do.
 *
 * @property waitsMsMost what it promises of its waiting: a tick stands still for so long at most on its account, virtual ms;
 *   null: it waits as long as it takes, and promises nothing. Absent: it does not wait
 */
export interface PolicyValue {
  readonly says: string;
  readonly waitsMsMost?: number | null;
}

/**
 * @property values the first is the system as reported
 * @property isLater it is younger than shipped plans: its first value is told to no process, so that their traces stay what they were
 */
export interface PolicyAxis {
  readonly says: string;
  readonly isLater?: boolean;
  readonly values: { readonly [name: string]: PolicyValue };
}
