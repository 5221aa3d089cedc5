// Light, dark, or as the device has it. public/early.js sets it before the first paint.
import { device } from "../lib/storage";

export type Theme = "auto" | "light" | "dark";
export const THEMES: readonly Theme[] = ["auto", "light", "dark"];

function kept(): Theme {
  const found = device.get("theme");
  return THEMES.find((theme) => theme === found) ?? "auto";
}

let current = $state<Theme>(kept());

export const theme = () => current;

export function useTheme(next: Theme): void {
  current = next;
  device.set("theme", next);
  document.documentElement.dataset["theme"] = next;
}
