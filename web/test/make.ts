import type { Message, Room, RoomJoined } from "../src/protocol";

export const ROOM = "01900000-0000-7000-8000-000000000001";
export const ANA = { id: "01900000-0000-7000-8000-00000000000a", handle: "ana" };
export const BEN = { id: "01900000-0000-7000-8000-00000000000b", handle: "ben" };

export function message(seq: number, more: Partial<Message> = {}): Message {
  return {
    room: ROOM,
    seq,
    id: `01900000-0000-7000-8000-${String(seq).padStart(12, "0")}`,
    at: new Date(Date.UTC(2026, 0, 1, 12, 0, seq)).toISOString(),
    author: ANA,
    text: `message ${seq}`,
    ...more,
  };
}

export function range(from: number, to: number): Message[] {
  return Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
}

export function room(more: Partial<Room> = {}): Room {
  return {
    id: ROOM,
    name: "A room",
    topic: "",
    access: "open",
    agreements: "",
    agreed: true,
    joined: true,
    facilitator: false,
    capacity: 200,
    members: 2,
    expires_after_days: null,
    last_seq: 0,
    read_seq: 0,
    unread: 0,
    ...more,
  };
}

export function joined(messages: Message[], more: Partial<RoomJoined> = {}): RoomJoined {
  return {
    room: ROOM,
    info: room(),
    last_seq: messages.at(-1)?.seq ?? 0,
    revision: 0,
    messages,
    changed: [],
    present: [],
    ...more,
  };
}
