// The language in use. It comes from the account's settings; before sign-in, from what was chosen
// on this device, else from the browser.
import { device } from "../lib/storage";
import type { Language, Refusal } from "../lib/types";
import { en, type Catalogue } from "./en";
import { es } from "./es";

const CATALOGUES: Record<Language, Catalogue> = { en, es };
export const LANGUAGES: readonly { code: Language; name: string }[] = [
  { code: "en", name: "English" },
  { code: "es", name: "Español" },
];

let current = $state<Language>(first());

function isLanguage(value: string | null | undefined): value is Language {
  return value === "en" || value === "es";
}

function first(): Language {
  const kept = device.get("language");
  if (isLanguage(kept)) return kept;
  const asked = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return asked.find(isLanguage) ?? "en";
}

export const language = () => current;
/** The language as this device writes it: the same words, but its own way to tell the time. */
export const locale = () =>
  navigator.languages.find((tag) => tag.toLowerCase().startsWith(current)) ?? current;
export const t = (): Catalogue => CATALOGUES[current];

export function useLanguage(next: Language): void {
  current = next;
  device.set("language", next);
}

/** A refusal as a sentence in the reader's language. */
export function sentence(refusal: Refusal): string {
  const known: Record<string, unknown> = t().errors;
  const found = Object.hasOwn(known, refusal.code) ? known[refusal.code] : undefined;
  const plain = typeof found === "string" ? found : fallback(refusal);
  const seconds = Math.ceil(refusal.retry_after ?? 0);
  return seconds > 1 ? `${plain} ${t().errors.wait(seconds)}` : plain;
}

/** The server speaks English only. */
function fallback(refusal: Refusal): string {
  return current === "en" && refusal.message ? refusal.message : t().errors.unknown;
}
