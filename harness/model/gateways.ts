// How many gateways a plan may have. What stays out: every other bound of a plan (plan.ts).

/** More than anybody who shares a file has; a run of so many takes a gigabyte. */
export const gatewaysMax = 64;
