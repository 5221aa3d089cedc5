// What I wrote and the server has not yet taken. Pure: every function returns a new outbox.
//
// An item keeps its key for life, so that however often it is sent, it arrives once. Items of a
// room go out one at a time, in the order they were written. Only a final refusal marks an item
// as failed; it then waits for its author and holds nobody else up.
import type { Message } from "../protocol";
import type { Refusal } from "./types";

export type ItemState = "waiting" | "sending" | "failed";

export interface OutboxItem {
  readonly key: string;
  readonly room: string;
  readonly text: string;
  readonly replyTo: number | null;
  readonly writtenAt: number;
  readonly state: ItemState;
  /** Not before this moment, after "too many" or "not available". */
  readonly notBefore: number;
  readonly tries: number;
  /** It was seen among the room's messages. */
  readonly arrived: boolean;
  /** Why it failed. */
  readonly refusal: Refusal | null;
}

export type Outbox = readonly OutboxItem[];

/** Refusals that a later try, unchanged, may get past. */
const PASSING = new Set([
  "offline",
  "timeout",
  "unavailable",
  "rate_limited",
  "internal_error",
  "shutting_down",
  "too_many_connections",
  "unauthenticated",
]);
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

export function written(
  outbox: Outbox,
  item: Pick<OutboxItem, "key" | "room" | "text" | "replyTo" | "writtenAt">,
): Outbox {
  const fresh = { notBefore: 0, tries: 0, arrived: false, refusal: null };
  return [...outbox, { ...item, ...fresh, state: "waiting" }];
}

/** The items to send now: at most one for each room. */
export function due(outbox: Outbox, now: number): OutboxItem[] {
  const seen = new Set<string>();
  const found: OutboxItem[] = [];
  for (const item of outbox) {
    if (item.state === "failed" || seen.has(item.room)) continue;
    seen.add(item.room);
    if (item.state === "waiting" && item.notBefore <= now) found.push(item);
  }
  return found;
}

/** When `due` will next have something that it has not now; null: nothing waits for the clock. */
export function nextDue(outbox: Outbox, now: number): number | null {
  const times = outbox
    .filter((item) => item.state === "waiting" && item.notBefore > now)
    .map((item) => item.notBefore);
  return times.length > 0 ? Math.min(...times) : null;
}

export function sending(outbox: Outbox, key: string): Outbox {
  return update(outbox, key, (item) => ({ ...item, state: "sending", tries: item.tries + 1 }));
}

export function refused(outbox: Outbox, key: string, refusal: Refusal, now: number): Outbox {
  return update(outbox, key, (item) => {
    if (!PASSING.has(refusal.code)) return { ...item, state: "failed", arrived: false, refusal };
    return { ...item, state: "waiting", notBefore: now + wait(item, refusal) };
  });
}

/** The connection is back: nothing is under way, and nothing need wait that only lacked a line. */
export function reconnected(outbox: Outbox): Outbox {
  return outbox.map((item) => {
    if (item.state === "sending") return { ...item, state: "waiting", notBefore: 0 };
    return item.state === "waiting" ? { ...item, notBefore: 0 } : item;
  });
}

export function again(outbox: Outbox, key: string): Outbox {
  return update(outbox, key, (item) => ({
    ...item,
    state: "waiting",
    notBefore: 0,
    refusal: null,
  }));
}

export function without(outbox: Outbox, key: string): Outbox {
  return outbox.filter((item) => item.key !== key);
}

/**
 * A message of mine came in by the room's own way, perhaps before its acknowledgement: the item
 * it belongs to is shown no more, so that nobody sees it twice. It is still sent until the
 * server confirms it; its key sees to it that it arrives once.
 */
export function arrived(outbox: Outbox, message: Message, me: string): Outbox {
  if (message.author?.id !== me || outbox.length === 0) return outbox;
  const found = outbox.find(
    (item) =>
      item.room === message.room &&
      item.tries > 0 &&
      item.state !== "failed" &&
      !item.arrived &&
      item.text === message.text,
  );
  return found ? update(outbox, found.key, (item) => ({ ...item, arrived: true })) : outbox;
}

/** What to show below a room's messages. */
export function shown(outbox: Outbox, room: string): OutboxItem[] {
  return outbox.filter((item) => item.room === room && !item.arrived);
}

function wait(item: OutboxItem, refusal: Refusal): number {
  if (refusal.retry_after) return refusal.retry_after * 1000;
  return Math.min(FIRST_WAIT * 2 ** Math.min(item.tries, 10), LONGEST_WAIT);
}

function update(outbox: Outbox, key: string, change: (item: OutboxItem) => OutboxItem): Outbox {
  return outbox.map((item) => (item.key === key ? change(item) : item));
}
