// Which page an address stands for. Pure.

export type Page =
  | { name: "rooms" }
  | { name: "room"; room: string }
  | { name: "settings" }
  | { name: "help" }
  | { name: "signin" }
  | { name: "enter" }
  | { name: "join" }
  | { name: "setup" }
  | { name: "missing" };

const PLAIN = ["settings", "help", "signin", "enter", "join", "setup"] as const;
const ROOM = /^\/room\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/?$/i;

export function pageAt(path: string): Page {
  if (path === "/" || path === "") return { name: "rooms" };
  const room = ROOM.exec(path)?.[1];
  if (room) return { name: "room", room: room.toLowerCase() };
  const bare = path.replace(/^\/|\/$/g, "");
  const name = PLAIN.find((one) => one === bare);
  return name ? { name } : { name: "missing" };
}

export function pathOf(page: Page): string {
  if (page.name === "rooms" || page.name === "missing") return "/";
  return page.name === "room" ? `/room/${page.room}` : `/${page.name}`;
}

/** Pages for somebody who is not signed in. */
export function isDoor(page: Page): boolean {
  return ["signin", "enter", "join", "setup"].includes(page.name);
}

/** A code from a whole link, or as it was typed. */
export function codeFrom(text: string): string {
  const plain = text.trim();
  const hash = plain.lastIndexOf("#");
  return hash < 0 ? plain : plain.slice(hash + 1);
}
