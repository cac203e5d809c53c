import type { Participation } from './participation.ts';

export const all: Participation = { says: 'every gateway, for its notifier at least, as reported', opens: () => true };
