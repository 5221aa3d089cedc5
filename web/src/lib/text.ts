// The longest message, counted as the server does: in characters, not in UTF-16 units.
export const MAX_TEXT = 4000;

/** By how many characters a text is too long; 0 or less: it fits. */
export function over(text: string): number {
  const trimmed = text.trim();
  const length = trimmed.length > MAX_TEXT / 2 ? [...trimmed].length : trimmed.length;
  return length - MAX_TEXT;
}
