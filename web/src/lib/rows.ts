// Turns a room's messages into what is shown: days, the unread line, and who speaks on. Pure.
import type { Message } from "../protocol";
import { dayKey } from "./time";

export type Row =
  | { kind: "day"; key: string; at: string }
  | { kind: "unread"; key: string }
  | { kind: "message"; key: string; message: Message; follows: boolean };

/** One person's messages within this time stand together under one name. */
const TOGETHER_MS = 5 * 60_000;

/** `unreadAfter`: the place up to which I had read when I came; null draws no line. */
export function rowsOf(
  messages: readonly Message[],
  unreadAfter: number | null,
  me: string,
): Row[] {
  const rows: Row[] = [];
  let line = unreadAfter === null ? null : firstUnread(messages, unreadAfter, me);
  let before: Message | undefined;
  let day = "";
  for (const message of messages) {
    const today = dayKey(message.at);
    if (today !== day) rows.push({ kind: "day", key: `day-${message.seq}`, at: message.at });
    if (message.seq === line) rows.push({ kind: "unread", key: "unread" });
    if (message.state !== "hidden") {
      const follows = today === day && message.seq !== line && speaksOn(before, message);
      rows.push({ kind: "message", key: `m-${message.seq}`, message, follows });
      before = message;
    }
    day = today;
    if (message.seq === line) line = null;
  }
  return withoutEmptyDays(rows);
}

function firstUnread(messages: readonly Message[], after: number, me: string): number | null {
  const found = messages.find(
    (one) => one.seq > after && one.author?.id !== me && one.state !== "hidden",
  );
  return found?.seq ?? null;
}

function speaksOn(before: Message | undefined, message: Message): boolean {
  if (!before?.author || before.author.id !== message.author?.id) return false;
  if (message.reply_to != null) return false;
  return Date.parse(message.at) - Date.parse(before.at) < TOGETHER_MS;
}

/** A day on which all was hidden has nothing to show. */
function withoutEmptyDays(rows: Row[]): Row[] {
  return rows.filter((row, index) => {
    if (row.kind !== "day") return true;
    const next = rows[index + 1];
    return next !== undefined && next.kind !== "day";
  });
}
