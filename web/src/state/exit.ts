// Leaving at once. What is on the screen is covered first; everything else comes after.
import { tab } from "../lib/storage";
import { connection } from "../net/connection.svelte";

/** A page that says nothing about who was here. */
export const NEUTRAL_SITE = "https://www.bbc.com/weather";
const NEUTRAL_TITLE = "…";

export function leaveNow(announcement: string): void {
  cover(announcement);
  tab.clear();
  // Tells public/early.js that "back" must not bring the page up again.
  tab.set("away", NEUTRAL_SITE);
  connection.stop();
  endSession();
  history.replaceState(null, "", "/");
  location.replace(NEUTRAL_SITE);
}

function cover(announcement: string): void {
  document.title = NEUTRAL_TITLE;
  document.documentElement.classList.add("covered");
  const words = document.createElement("p");
  words.className = "cover-words";
  words.setAttribute("role", "alert");
  words.textContent = announcement;
  document.body.replaceChildren(words);
}

function endSession(): void {
  const path = "/api/session/end";
  const sent = navigator.sendBeacon?.(path) ?? false;
  if (!sent) void fetch(path, { method: "POST", keepalive: true }).catch(() => {});
}
