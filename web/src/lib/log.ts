// One room's messages, in the room's order. Pure: every function returns a new log.
//
// The server numbers messages from 1 without holes. `last` is the place up to which we know
// everything there is to know; what arrives beyond a hole waits in `ahead` until the hole is
// filled with `message:since`. Old messages may expire: they then vanish from the front only.
import type { Message, MessageHistory, MessagePage, RoomJoined } from "../protocol";

export interface RoomLog {
  /** Oldest first. */
  readonly messages: readonly Message[];
  /** Everything up to this place is known. */
  readonly last: number;
  /** The furthest place that we have heard of. */
  readonly end: number;
  /** Changes up to this room revision are known. */
  readonly revision: number;
  /** There may be older messages. */
  readonly more: boolean;
  /** Arrived beyond a hole, by place. */
  readonly ahead: ReadonlyMap<number, Message>;
}

export const EMPTY_LOG: RoomLog = {
  messages: [],
  last: 0,
  end: 0,
  revision: 0,
  more: false,
  ahead: new Map(),
};

/** A first look into the room: the latest messages. */
export function opened(answer: RoomJoined): RoomLog {
  const first = answer.messages[0];
  return {
    messages: answer.messages,
    last: answer.messages.at(-1)?.seq ?? answer.last_seq,
    end: answer.last_seq,
    revision: answer.revision,
    more: first !== undefined && first.seq > 1,
    ahead: new Map(),
  };
}

/** Back in the room after a pause: what came after our last place, and what changed before it. */
export function resumed(log: RoomLog, answer: RoomJoined, after: number): RoomLog {
  const page = { messages: answer.messages, last_seq: answer.last_seq };
  const changed = answer.changed.reduce(apply, since(log, page, after));
  return { ...changed, revision: Math.max(changed.revision, answer.revision) };
}

/** One new message, live. */
export function received(log: RoomLog, message: Message): RoomLog {
  if (message.seq <= log.last) return log;
  const ahead = new Map(log.ahead).set(message.seq, message);
  return drained({ ...log, ahead, end: Math.max(log.end, message.seq) });
}

/** The answer to `message:since` with this `after`: all there still is after that place. */
export function since(log: RoomLog, page: MessagePage, after: number): RoomLog {
  const fresh = page.messages.filter((message) => message.seq > log.last);
  const end = Math.max(log.end, page.last_seq);
  const reached = page.messages.at(-1)?.seq ?? page.last_seq;
  if (reached <= log.last) return { ...log, end };
  // A hole right behind `after` means that all up to it has expired.
  const next = page.messages[0]?.seq ?? reached + 1;
  const expired = next > after + 1;
  const kept = expired ? log.messages.filter((message) => message.seq > after) : log.messages;
  const messages = [...kept, ...fresh];
  return drained({ ...log, messages, last: reached, end, more: log.more && !expired });
}

/** Older messages, asked for with `message:before`. */
export function prepended(log: RoomLog, history: MessageHistory): RoomLog {
  const first = log.messages[0]?.seq ?? Infinity;
  const older = history.messages.filter((message) => message.seq < first);
  return { ...log, messages: [...older, ...log.messages], more: history.more };
}

/** A message's whole new view. Older views than the one held are dropped. */
export function changed(log: RoomLog, message: Message): RoomLog {
  const next = apply(log, message);
  // The server tells changes in their order, so the furthest one seen says what is known.
  return { ...next, revision: Math.max(log.revision, message.revision ?? 0) };
}

/** Where to ask on from, if something is missing. */
export function missingAfter(log: RoomLog): number | null {
  return log.end > log.last ? log.last : null;
}

/** Drop what is older than the room keeps. */
export function expired(log: RoomLog, now: number, days: number | null): RoomLog {
  if (days === null) return log;
  const oldest = now - days * 86_400_000;
  const keep = log.messages.findIndex((message) => Date.parse(message.at) >= oldest);
  if (keep === 0 || log.messages.length === 0) return log;
  const messages = keep < 0 ? [] : log.messages.slice(keep);
  return { ...log, messages, more: false };
}

/** The message at a place, if it is loaded. */
export function at(log: RoomLog, seq: number): Message | undefined {
  let low = 0;
  let high = log.messages.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = log.messages[middle] as Message;
    if (found.seq === seq) return found;
    if (found.seq < seq) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

function drained(log: RoomLog): RoomLog {
  if (log.ahead.size === 0) return log;
  const ahead = new Map(log.ahead);
  const messages = [...log.messages];
  let last = log.last;
  for (let next = ahead.get(last + 1); next; next = ahead.get(last + 1)) {
    messages.push(next);
    last = next.seq;
  }
  for (const seq of ahead.keys()) if (seq <= last) ahead.delete(seq);
  return { ...log, messages, last, ahead };
}

function merged(held: Message, message: Message): Message {
  if ((message.revision ?? 0) <= (held.revision ?? 0)) return held;
  const mine = message.mine ?? held.mine;
  return mine === undefined ? message : { ...message, mine };
}

function apply(log: RoomLog, message: Message): RoomLog {
  const waiting = log.ahead.get(message.seq);
  if (waiting) {
    return { ...log, ahead: new Map(log.ahead).set(message.seq, merged(waiting, message)) };
  }
  const held = at(log, message.seq);
  if (!held) return log;
  const next = merged(held, message);
  if (next === held) return log;
  return { ...log, messages: log.messages.map((one) => (one === held ? next : one)) };
}
