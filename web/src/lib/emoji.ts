// The signs of the reactions; their spoken names are in the catalogues.
import type { Reaction } from "./types";

export const EMOJI: Record<Reaction, string> = {
  heart: "❤️",
  hug: "🤗",
  strength: "💪",
  candle: "🕯️",
  gratitude: "🙏",
  celebrate: "🎉",
};
