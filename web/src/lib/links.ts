// Finds web addresses in a message. Only http and https; nothing else in a text is ever markup.

export type Piece = { kind: "text"; text: string } | { kind: "link"; text: string; href: string };

const ADDRESS = /https?:\/\/[^\s<>"'`\u2028\u2029]+/giu;
/** Signs that end a sentence rather than an address. */
const TRAILING = /[.,;:!?…»”’*_~]+$/u;

export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    const href = safe(address);
    if (href === null) continue;
    if (match.index > done) found.push({ kind: "text", text: text.slice(done, match.index) });
    found.push({ kind: "link", text: address, href });
    done = match.index + address.length;
  }
  if (done < text.length) found.push({ kind: "text", text: text.slice(done) });
  return found;
}

function trimmed(address: string): string {
  let rest = address;
  for (;;) {
    const next = unclosed(rest.replace(TRAILING, ""));
    if (next === rest) return rest;
    rest = next;
  }
}

/** A closing bracket belongs to the address only if it was opened in it. */
function unclosed(address: string): string {
  for (const [open, close] of ["()", "[]", "{}"] as const) {
    if (!address.endsWith(close as string)) continue;
    const opened = address.split(open as string).length;
    const closed = address.split(close as string).length;
    if (closed > opened) return address.slice(0, -1);
  }
  return address;
}

function safe(address: string): string | null {
  try {
    const url = new URL(address);
    const web = url.protocol === "http:" || url.protocol === "https:";
    return web && url.hostname !== "" && url.username === "" ? url.href : null;
  } catch {
    return null;
  }
}
