// The command that shows a plan again, as it must be given here: with the places of a person's own scenarios, where a person named
// them and no configuration does.
let flag = '';

/** Of the command that was given. */
export function rememberPlaces(places: readonly string[]): void {
  flag = places.length === 0 ? '' : ` --scenarios ${places.join(',')}`;
}

/** @param plan path of a plan, or what stands for one */
export function replayCommand(plan: string): string {
  return `npx lockstep replay ${plan}${flag}`;
}
