// The rooms that I am in or may find.
import type { Refusal } from "../lib/types";
import { connection } from "../net/connection.svelte";
import type { Room, RoomCreate, RoomUpdate } from "../protocol";
import { session } from "./session.svelte";

/** Counts of unread messages are asked for anew this often while the page is looked at. */
const REFRESH_MS = 45_000;

class Rooms {
  all = $state.raw<readonly Room[]>([]);
  loaded = $state(false);
  mine = $derived(this.all.filter((room) => room.joined).sort(byName));
  others = $derived(this.all.filter((room) => !room.joined).sort(byName));

  constructor() {
    connection.onOnline(() => void this.load());
    connection.on("room:changed", ({ info }) => this.put(info));
    connection.on("room:removed", ({ room }) => this.drop(room));
    connection.on("person:changed", () => void this.load());
    setInterval(() => this.#look(), REFRESH_MS);
    document.addEventListener("visibilitychange", () => this.#look());
  }

  find(room: string): Room | undefined {
    return this.all.find((one) => one.id === room);
  }

  async load(): Promise<Refusal | null> {
    const answer = await connection.request("room:list", {});
    if (!answer.ok) return answer.error;
    // What I have just read may not have reached the server yet.
    this.all = answer.data.rooms.map((room) => readTo(room, this.find(room.id)?.read_seq ?? 0));
    this.loaded = true;
    return null;
  }

  put(info: Room): void {
    const known = this.all.some((room) => room.id === info.id);
    this.all = known
      ? this.all.map((room) => (room.id === info.id ? info : room))
      : [...this.all, info];
  }

  drop(room: string): void {
    this.all = this.all.filter((one) => one.id !== room);
  }

  /** What I read and what came in, as far as this page knows. */
  note(room: string, seen: { last_seq?: number; read_seq?: number }): void {
    const found = this.find(room);
    if (!found) return;
    const last_seq = Math.max(found.last_seq, seen.last_seq ?? 0);
    const unread = found.unread + last_seq - found.last_seq;
    this.put(readTo({ ...found, last_seq, unread }, seen.read_seq ?? 0));
  }

  async create(form: RoomCreate): Promise<Refusal | Room> {
    const answer = await connection.request("room:create", form);
    if (!answer.ok) return answer.error;
    this.put(answer.data.info);
    return answer.data.info;
  }

  async update(form: RoomUpdate): Promise<Refusal | Room> {
    const answer = await connection.request("room:update", form);
    if (!answer.ok) return answer.error;
    this.put(answer.data.info);
    return answer.data.info;
  }

  async leave(room: string): Promise<Refusal | null> {
    const answer = await connection.request("room:leave", { room });
    if (!answer.ok) return answer.error;
    await this.load();
    return null;
  }

  forget(): void {
    this.all = [];
    this.loaded = false;
  }

  #look(): void {
    if (session.me && document.visibilityState === "visible") void this.load();
  }
}

function readTo(room: Room, seq: number): Room {
  if (seq <= room.read_seq) return room;
  return { ...room, read_seq: seq, unread: Math.max(0, room.last_seq - seq) };
}

function byName(a: Room, b: Room): number {
  return a.name.localeCompare(b.name);
}

export const rooms = new Rooms();
