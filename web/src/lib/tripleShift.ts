// Pressing Shift three times within five seconds leaves the site. Pure.
//
// Only Shift by itself counts: a capital letter is no press, and any other key starts anew.

export const PRESSES = 3;
export const WITHIN_MS = 5_000;

export interface ShiftState {
  readonly count: number;
  readonly since: number;
  /** The last key was let go while Shift was held: the next Shift belongs to it. */
  readonly modified: boolean;
}

export const NO_SHIFT: ShiftState = { count: 0, since: 0, modified: false };

/** A key was let go. */
export function released(state: ShiftState, key: string, shift: boolean, now: number): ShiftState {
  if (key !== "Shift") return { ...NO_SHIFT, modified: shift };
  if (state.modified) return NO_SHIFT;
  const fresh = state.count === 0 || now - state.since > WITHIN_MS;
  return fresh ? { count: 1, since: now, modified: false } : { ...state, count: state.count + 1 };
}
