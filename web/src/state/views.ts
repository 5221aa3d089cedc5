// The rooms looked at lately: going back to one shows it at once, and then catches up.
import { connection } from "../net/connection.svelte";
import { sender } from "./outbox.svelte";
import { RoomView } from "./room.svelte";
import { rooms } from "./rooms.svelte";

const KEPT = 6;
const TICK_MS = 2_000;

const views = new Map<string, RoomView>();

export function viewOf(room: string): RoomView {
  const found = views.get(room) ?? new RoomView(room);
  views.delete(room);
  views.set(room, found);
  for (const old of [...views.keys()].slice(0, -KEPT)) views.delete(old);
  return found;
}

export function forgetViews(): void {
  views.clear();
}

connection.on("message:new", (message) => views.get(message.room)?.receive(message));
connection.on("message:changed", (message) => views.get(message.room)?.change(message));
connection.on("room:removed", ({ room }) => views.delete(room));
connection.on("read:changed", ({ room, seq }) => rooms.note(room, { read_seq: seq }));
connection.on("person:changed", () => views.forEach((view) => view.anew()));
connection.on("presence:changed", ({ room, people }) => {
  const view = views.get(room);
  if (view) view.present = people;
});
connection.on("typing:changed", ({ room, person, on }) => views.get(room)?.wrote(person, on));
sender.onsent = (message) => views.get(message.room)?.receive(message);
setInterval(() => views.forEach((view) => view.tick(Date.now())), TICK_MS);
