import type { Reducer } from './model-world.js';

export const FAULTY_REDUCERS: Readonly<Record<string, Reducer>> = {};
