// A steady colour for somebody, so that voices are told apart at a glance. Never the only sign.
const HUES = 6;

export function hueOf(person: string): number {
  let sum = 0;
  for (const char of person) sum = (sum * 31 + char.charCodeAt(0)) % 9973;
  return sum % HUES;
}
