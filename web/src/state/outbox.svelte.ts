// Sends what was written: in order, as often as it takes, and never twice.
import * as outbox from "../lib/outbox";
import { tab } from "../lib/storage";
import type { Result } from "../lib/types";
import { uuid } from "../lib/uuid";
import { connection } from "../net/connection.svelte";
import type { Message, MessageSent } from "../protocol";
import { session } from "./session.svelte";

const KEPT = "outbox";

class Sender {
  items = $state.raw<outbox.Outbox>([]);
  /** Told of each message that the server took. */
  onsent: (message: Message) => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    connection.onOnline(() => {
      this.#set(outbox.reconnected(this.items));
      this.#pump();
    });
  }

  /** What an earlier load of this page had not sent yet. */
  restore(): void {
    try {
      const kept = JSON.parse(tab.get(KEPT) ?? "[]") as outbox.Outbox;
      this.items = outbox.reconnected(kept);
    } catch {
      this.items = [];
    }
    this.#pump();
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.items = [];
  }

  write(room: string, text: string, replyTo: number | null): void {
    const item = { key: uuid(), room, text, replyTo, writtenAt: Date.now() };
    this.#set(outbox.written(this.items, item));
    this.#pump();
  }

  again(key: string): void {
    this.#set(outbox.again(this.items, key));
    this.#pump();
  }

  discard(key: string): void {
    this.#set(outbox.without(this.items, key));
  }

  /** A message of mine came in by the room's own way. */
  arrived(message: Message): void {
    const next = session.me ? outbox.arrived(this.items, message, session.me.id) : this.items;
    if (next !== this.items) this.#set(next);
  }

  #pump(): void {
    clearTimeout(this.#timer);
    if (connection.phase !== "online") return;
    const now = Date.now();
    for (const item of outbox.due(this.items, now)) void this.#send(item);
    const next = outbox.nextDue(this.items, now);
    if (next !== null) this.#timer = setTimeout(() => this.#pump(), next - now);
  }

  async #send(item: outbox.OutboxItem): Promise<void> {
    const { room, key, text, replyTo } = item;
    this.#set(outbox.sending(this.items, key));
    const reply = replyTo === null ? {} : { reply_to: replyTo };
    const answer = await connection.request("message:send", { room, key, text, ...reply });
    this.#settle(item, answer);
    this.#pump();
  }

  #settle(item: outbox.OutboxItem, answer: Result<MessageSent>): void {
    if (!answer.ok) {
      this.#set(outbox.refused(this.items, item.key, answer.error, Date.now()));
      return;
    }
    this.#set(outbox.without(this.items, item.key));
    if (session.me) this.onsent(asMessage(item, answer.data, session.me));
  }

  #set(items: outbox.Outbox): void {
    if (items === this.items) return;
    this.items = items;
    if (items.length > 0) tab.set(KEPT, JSON.stringify(items));
    else tab.remove(KEPT);
  }
}

function asMessage(
  item: outbox.OutboxItem,
  sent: MessageSent,
  author: { id: string; handle: string },
): Message {
  const { seq, id, at } = sent;
  return {
    ...{ room: item.room, seq, id, at, text: item.text, reply_to: item.replyTo },
    author: { id: author.id, handle: author.handle },
    state: sent.held ? "held" : "visible",
  };
}

export const sender = new Sender();
