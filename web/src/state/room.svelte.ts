// One room as it is followed live: its log kept whole, and who is here and writing.
import * as log from "../lib/log";
import { stillTyping, typing, type Writer } from "../lib/typing";
import type { Reaction, Refusal, Result } from "../lib/types";
import { connection } from "../net/connection.svelte";
import type { Message, MessageAnswer, Person, RoomJoined } from "../protocol";
import { rooms } from "./rooms.svelte";
import { sender } from "./outbox.svelte";

type Status = "opening" | "ready" | "failed";

const PAGE = 200;
const RETRY_MS = 2_000;
const READ_MS = 400;

export class RoomView {
  readonly id: string;
  log = $state.raw<log.RoomLog>(log.EMPTY_LOG);
  status = $state<Status>("opening");
  refusal = $state.raw<Refusal | null>(null);
  present = $state.raw<readonly Person[]>([]);
  writers = $state.raw<readonly Writer[]>([]);
  /** Up to here I had read when I came in. */
  unreadAfter = $state<number | null>(null);
  loadingOlder = $state(false);
  /** Told of each message that came in live. */
  onlive: (message: Message) => void = () => {};

  #early: Message[] = [];
  #syncing = false;
  #filling = false;
  #opened = false;
  #read = 0;
  #readTimer: ReturnType<typeof setTimeout> | undefined;
  #stop: (() => void) | null = null;

  constructor(id: string) {
    this.id = id;
  }

  /** Follow the room, and go on following it after every reconnection. */
  watch(): void {
    this.#stop ??= connection.onOnline(() => void this.sync());
  }

  unwatch(): void {
    this.#stop?.();
    this.#stop = null;
    this.#flushRead();
    this.present = [];
    this.writers = [];
    void connection.request("room:unwatch", { room: this.id });
  }

  /** Join, or catch up. `agree` accepts the room's agreements. */
  async sync(agree = false): Promise<Refusal | null> {
    if (this.#syncing) return null;
    this.#syncing = true;
    const after = this.#opened ? { after: this.log.last, revision: this.log.revision } : {};
    const accept = agree ? { agree } : {};
    const answer = await connection.request("room:join", { room: this.id, ...after, ...accept });
    this.#syncing = false;
    if (!answer.ok) return this.#notJoined(answer.error);
    this.#joined(answer.data);
    return null;
  }

  /** My blocks or roles changed: what I see may differ everywhere. */
  anew(): void {
    this.#opened = false;
    if (this.#stop) void this.sync();
  }

  receive(message: Message): void {
    if (!this.#opened) {
      this.#early.push(message);
      return;
    }
    this.#update(log.received(this.log, message));
    sender.arrived(message);
    void this.#fill();
  }

  change(message: Message): void {
    this.#update(log.changed(this.log, message));
  }

  async older(): Promise<void> {
    const first = this.log.messages[0];
    if (this.loadingOlder || !this.log.more || !first) return;
    this.loadingOlder = true;
    const answer = await connection.request("message:before", {
      room: this.id,
      before: first.seq,
    });
    if (answer.ok) this.#update(log.prepended(this.log, answer.data));
    this.loadingOlder = false;
  }

  /** The newest message was on the screen. */
  seen(): void {
    const last = this.log.last;
    if (last <= this.#read) return;
    this.#read = last;
    rooms.note(this.id, { read_seq: last });
    this.#readTimer ??= setTimeout(() => this.#flushRead(), READ_MS);
  }

  wrote(person: Person, on: boolean): void {
    this.writers = typing(this.writers, person, on, Date.now());
  }

  tick(now: number): void {
    if (this.writers.length > 0) this.writers = stillTyping(this.writers, now);
    const days = rooms.find(this.id)?.expires_after_days ?? null;
    this.#update(log.expired(this.log, now, days));
  }

  edit(seq: number, text: string): Promise<Refusal | null> {
    return this.#act(connection.request("message:edit", { room: this.id, seq, text }));
  }

  retract(seq: number): Promise<Refusal | null> {
    return this.#act(connection.request("message:retract", { room: this.id, seq }));
  }

  react(seq: number, reaction: Reaction, on: boolean): Promise<Refusal | null> {
    const request = { room: this.id, seq, reaction, on };
    return this.#act(connection.request("message:react", request));
  }

  release(seq: number): Promise<Refusal | null> {
    return this.#act(connection.request("message:release", { room: this.id, seq }));
  }

  remove(seq: number): Promise<Refusal | null> {
    return this.#act(connection.request("message:remove", { room: this.id, seq }));
  }

  async #act(asked: Promise<Result<MessageAnswer>>): Promise<Refusal | null> {
    const answer = await asked;
    if (!answer.ok) return answer.error;
    this.change(answer.data.message);
    return null;
  }

  #joined(answer: RoomJoined): void {
    rooms.put(answer.info);
    if (this.#opened) {
      this.#update(log.resumed(this.log, answer, this.log.last));
    } else {
      this.unreadAfter = answer.info.unread > 0 ? answer.info.read_seq : null;
      this.#read = answer.info.read_seq;
      this.#update(log.opened(answer));
    }
    this.#opened = true;
    this.present = answer.present;
    this.writers = [];
    this.status = "ready";
    this.refusal = null;
    for (const message of answer.messages) sender.arrived(message);
    for (const message of this.#early.splice(0)) this.receive(message);
    void this.#fill();
  }

  #notJoined(refusal: Refusal): Refusal {
    if (refusal.code === "offline") return refusal;
    this.refusal = refusal;
    if (!this.#opened) this.status = "failed";
    const passing = refusal.retry_after != null || refusal.code === "timeout";
    if (passing && this.#stop) {
      setTimeout(() => this.#stop && void this.sync(), (refusal.retry_after ?? 2) * 1000);
    }
    return refusal;
  }

  /** Ask for what is missing until nothing is. */
  async #fill(): Promise<void> {
    if (this.#filling) return;
    this.#filling = true;
    for (let after = log.missingAfter(this.log); after !== null;) {
      const request = { room: this.id, after, limit: PAGE };
      const answer = await connection.request("message:since", request);
      if (!answer.ok) {
        if (answer.error.code !== "offline") setTimeout(() => void this.#fill(), RETRY_MS);
        break;
      }
      for (const message of answer.data.messages) sender.arrived(message);
      this.#update(log.since(this.log, answer.data, after));
      after = log.missingAfter(this.log);
    }
    this.#filling = false;
  }

  #update(next: log.RoomLog): void {
    if (next === this.log) return;
    const before = this.#opened ? this.log.last : next.last;
    this.log = next;
    if (next.end > 0) rooms.note(this.id, { last_seq: next.end });
    if (next.last <= before) return;
    for (const message of next.messages) if (message.seq > before) this.onlive(message);
  }

  #flushRead(): void {
    if (this.#readTimer === undefined) return;
    clearTimeout(this.#readTimer);
    this.#readTimer = undefined;
    void connection.request("read:mark", { room: this.id, seq: this.#read });
  }
}
