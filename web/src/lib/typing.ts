// Who is writing. Pure. Without another word it ends after six seconds.
import type { Person } from "../protocol";

export const TYPING_MS = 6_000;

export interface Writer {
  readonly person: Person;
  readonly until: number;
}

export function typing(
  writers: readonly Writer[],
  person: Person,
  on: boolean,
  now: number,
): Writer[] {
  const others = writers.filter((writer) => writer.person.id !== person.id && writer.until > now);
  return on ? [...others, { person, until: now + TYPING_MS }] : others;
}

export function stillTyping(writers: readonly Writer[], now: number): Writer[] {
  return writers.filter((writer) => writer.until > now);
}
