// Short names for what the wire's types hold inside them.
import type { Error as WireError, Me, Message, MessageReact, Room } from "../protocol";

export type Reaction = MessageReact["reaction"];
export type MessageState = NonNullable<Message["state"]>;
export type Role = Me["roles"][number];
export type Access = Room["access"];
export type Language = Me["language"];

/** A refusal: the server's own, or one of ours (`offline`, `timeout`). */
export type Refusal = WireError;

/** How every request ends. */
export type Result<T> = { ok: true; data: T } | { ok: false; error: Refusal };

export const REACTIONS: readonly Reaction[] = [
  "heart",
  "hug",
  "strength",
  "candle",
  "gratitude",
  "celebrate",
];
