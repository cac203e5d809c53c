import type { Generation } from './generation.ts';

export const none: Generation = { says: 'nobody looks, as reported', looks: false, reopens: false, closesHalted: true };
