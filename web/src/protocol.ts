// Made by "npm run protocol" from the server's description of the wire. Do not edit by hand.

/** Neither of us sees what the other says, in any room. */
export interface BlockAdd {
  person: string;
}

/** Whom I have blocked. */
export type BlockList = Record<string, never>;

export interface BlockListed {
  people: Person[];
}

/** Lift my block. */
export interface BlockRemove {
  person: string;
}

/** What anybody may know of this server. */
export interface Community {
  name: string;
  setup_needed: boolean;
  languages: ("en" | "es")[];
  /** Where the source is; empty: not said. */
  source_url: string;
  /** A made-up community to try things in. */
  sample: boolean;
}

/** Nothing to say beyond "done". */
export type Empty = Record<string, never>;

/** Why a request was refused. `code` is stable; `message` is for people. */
export interface Error {
  code: string;
  message: string;
  /** Seconds to wait, if waiting helps. */
  retry_after?: number | null;
}

export interface Health {
  status: string;
}

/** What somebody who holds an invitation may know before accepting. */
export interface Invitation {
  community: string;
  role: "admin" | "member" | "moderator" | "peer" | "safety_lead";
  expires_at: string;
}

/** Ask somebody in. The one who accepts gets `role`. */
export interface InvitationCreate {
  role?: "admin" | "member" | "moderator" | "peer" | "safety_lead";
  days?: number;
}

export interface InvitationCreated {
  code: string;
  /** Give this to one person; it works once. */
  url: string;
  expires_at: string;
}

/** The signed-in person as they see themselves. */
export interface Me {
  id: string;
  handle: string;
  roles: ("admin" | "member" | "moderator" | "peer" | "safety_lead")[];
  /** Others may see that I am here. */
  presence_shown: boolean;
  /** Others may see that I am writing. */
  typing_shown: boolean;
  language: "en" | "es";
}

/** Who I am. */
export interface MeAnswer {
  person: Me;
}

/** One member of a room. */
export interface Member {
  id: string;
  handle: string;
  facilitator: boolean;
}

/** A message, or the place that one holds in the order when its text is not to be seen.
 *
 * `state` is left out when the message is visible. In any other state `author` and `text` are there only for those who may still see them: the author of a held message, and those who may release it. `mine` is given in answers, and in events that my own act caused; where it is absent in an event, what was known before stays true. */
export interface Message {
  room: string;
  /** Place in the room's order, from 1. */
  seq: number;
  id: string;
  at: string;
  state?: "held" | "hidden" | "removed" | "retracted" | "visible";
  author?: Person | null;
  text?: string | null;
  reply_to?: number | null;
  edited_at?: string | null;
  reactions?: { [key in string]?: number };
  mine?: ("candle" | "celebrate" | "gratitude" | "heart" | "hug" | "strength")[] | null;
  /** Room revision of the last change; 0: none. */
  revision?: number;
}

export interface MessageAnswer {
  message: Message;
}

/** Older messages, oldest first, ending just before `before`. */
export interface MessageBefore {
  room: string;
  /** Place in the room's order, from 1. */
  before: number;
  limit?: number;
}

/** A message was edited, retracted, removed, released or reacted to: its whole new view. */
export interface MessageChanged {
  room: string;
  /** Place in the room's order, from 1. */
  seq: number;
  id: string;
  at: string;
  state?: "held" | "hidden" | "removed" | "retracted" | "visible";
  author?: Person | null;
  text?: string | null;
  reply_to?: number | null;
  edited_at?: string | null;
  reactions?: { [key in string]?: number };
  mine?: ("candle" | "celebrate" | "gratitude" | "heart" | "hug" | "strength")[] | null;
  /** Room revision of the last change; 0: none. */
  revision?: number;
}

/** Change my message. The new text is screened like a new one. */
export interface MessageEdit {
  room: string;
  /** Place in the room's order, from 1. */
  seq: number;
  text: string;
}

export interface MessageHistory {
  messages: Message[];
  /** There are older ones still. */
  more: boolean;
}

/** A new message, exactly once and in the room's order. */
export interface MessageNew {
  room: string;
  /** Place in the room's order, from 1. */
  seq: number;
  id: string;
  at: string;
  state?: "held" | "hidden" | "removed" | "retracted" | "visible";
  author?: Person | null;
  text?: string | null;
  reply_to?: number | null;
  edited_at?: string | null;
  reactions?: { [key in string]?: number };
  mine?: ("candle" | "celebrate" | "gratitude" | "heart" | "hug" | "strength")[] | null;
  /** Room revision of the last change; 0: none. */
  revision?: number;
}

export interface MessagePage {
  messages: Message[];
  /** 0, or the last `seq` already seen. */
  last_seq: number;
}

/** Add or take back a reaction. */
export interface MessageReact {
  room: string;
  /** Place in the room's order, from 1. */
  seq: number;
  reaction: "candle" | "celebrate" | "gratitude" | "heart" | "hug" | "strength";
  on: boolean;
}

/** Let a held message be seen. */
export interface MessageRelease {
  room: string;
  /** Place in the room's order, from 1. */
  seq: number;
}

/** Take somebody's message out of sight; the text is kept for review. */
export interface MessageRemove {
  room: string;
  /** Place in the room's order, from 1. */
  seq: number;
}

/** Take my message back; its text is erased. */
export interface MessageRetract {
  room: string;
  /** Place in the room's order, from 1. */
  seq: number;
}

/** Say something. `key` is the client's own UUID: the same key gives the same answer, so a retry is never a second message. Without one the server chooses one, and a retry is. */
export interface MessageSend {
  room: string;
  text: string;
  key?: string | null;
  reply_to?: number | null;
}

export interface MessageSent {
  /** Place in the room's order, from 1. */
  seq: number;
  id: string;
  at: string;
  /** Waits for a moderator before others see it. */
  held: boolean;
}

/** The messages after a place in the order, oldest first. */
export interface MessageSince {
  room: string;
  /** 0, or the last `seq` already seen. */
  after: number;
  limit?: number;
}

/** A new password ends every other session. */
export interface PasswordChange {
  new: string;
  /** Left out by somebody who has none yet. */
  current?: string;
}

/** Somebody as others see them: a handle and nothing more. */
export interface Person {
  id: string;
  handle: string;
}

/** My roles, settings or blocks changed: ask `person:me` and join my rooms anew. */
export type PersonChanged = Record<string, never>;

/** Who I am, and my settings. */
export type PersonMe = Record<string, never>;

export interface PersonMeAnswer {
  me: Me;
}

/** Everybody in the room who lets it be seen. Replaces what was known. */
export interface PresenceChanged {
  room: string;
  people: Person[];
}

/** I read further on another of my devices. */
export interface ReadChanged {
  room: string;
  /** 0, or the last `seq` already seen. */
  seq: number;
}

/** I have read up to here. It never moves back. */
export interface ReadMark {
  room: string;
  /** 0, or the last `seq` already seen. */
  seq: number;
}

export interface ReadMarked {
  /** 0, or the last `seq` already seen. */
  seq: number;
}

/** A room as the asking person sees it. */
export interface Room {
  id: string;
  name: string;
  topic: string;
  access: "hidden" | "invitation" | "open";
  /** What one accepts on joining. Empty: nothing. */
  agreements: string;
  /** I have accepted the agreements in force. */
  agreed: boolean;
  /** I am a member. */
  joined: boolean;
  /** I facilitate this room. */
  facilitator: boolean;
  capacity: number;
  members: number;
  /** null: kept until removed. */
  expires_after_days: number | null;
  /** 0, or the last `seq` already seen. */
  last_seq: number;
  /** 0, or the last `seq` already seen. */
  read_seq: number;
  unread: number;
}

/** A room's name, topic, agreements or my place in it changed; or I was let into it. */
export interface RoomChanged {
  info: Room;
}

/** Open a new group room; I become its facilitator. */
export interface RoomCreate {
  name: string;
  topic?: string;
  access?: "hidden" | "invitation" | "open";
  agreements?: string;
  capacity?: number;
  expires_after_days?: number | null;
}

export interface RoomCreated {
  info: Room;
}

/** Let somebody into a room that is by invitation or hidden. */
export interface RoomInvite {
  room: string;
  handle: string;
}

/** Become a member if I am not, and follow the room live on this connection.
 *
 * With `after`, the answer holds the messages after it, oldest first, `limit` at most 200: while the last one's `seq` is below `last_seq`, ask `message:since` for more. Without it, the latest 50. With `revision`, the answer's `changed` holds the older messages that changed since. */
export interface RoomJoin {
  room: string;
  after?: number | null;
  revision?: number | null;
  /** I accept the room's agreements. */
  agree?: boolean;
}

export interface RoomJoined {
  room: string;
  info: Room;
  /** 0, or the last `seq` already seen. */
  last_seq: number;
  /** 0, or the last `seq` already seen. */
  revision: number;
  messages: Message[];
  changed: Message[];
  /** Those here who let it be seen. */
  present: Person[];
}

/** Stop being a member. */
export interface RoomLeave {
  room: string;
}

/** Every room that I am in or may find. */
export type RoomList = Record<string, never>;

export interface RoomListed {
  rooms: Room[];
}

/** Who belongs to a room. */
export interface RoomMembers {
  room: string;
}

export interface RoomMembersListed {
  members: Member[];
}

/** I am no longer a member, or may no longer see the room. */
export interface RoomRemoved {
  room: string;
}

/** Stop following the room on this connection; I stay a member. */
export interface RoomUnwatch {
  room: string;
}

/** Change a room. What is left out stays. New agreements must be accepted anew. */
export interface RoomUpdate {
  room: string;
  name?: string | null;
  topic?: string | null;
  access?: "hidden" | "invitation" | "open" | null;
  agreements?: string | null;
  capacity?: number | null;
  expires_after_days?: number | null;
}

export interface RoomUpdated {
  info: Room;
}

/** This server is about to stop; come back after so many seconds. */
export interface ServerGoodbye {
  /** Seconds. */
  retry_after: number;
}

/** One place where I am signed in. */
export interface Session {
  id: string;
  device: string;
  created_at: string;
  last_seen_at: string;
  current: boolean;
}

/** The connection ends now and will be refused until I sign in again. */
export interface SessionEnded {
  reason: "expired" | "signed_out" | "suspended";
}

export interface Sessions {
  sessions: Session[];
}

/** First run: the code that the server printed, and the first admin. */
export interface SetUp {
  code: string;
  community: string;
  handle: string;
  password: string;
}

/** Change my settings. What is left out stays. */
export interface SettingsSet {
  presence_shown?: boolean | null;
  typing_shown?: boolean | null;
  language?: "en" | "es" | null;
}

/** A handle and its password. */
export interface SignIn {
  handle: string;
  password: string;
}

/** The one-time code of a sign-in link. */
export interface SignInLink {
  code: string;
}

/** A session. The token is also set as an HttpOnly cookie. */
export interface SignedIn {
  token: string;
  person: Me;
}

/** Somebody writes or has stopped. Without another word it ends after six seconds. */
export interface TypingChanged {
  room: string;
  person: Person;
  on: boolean;
}

/** I am writing, or have stopped. Not passed on unless I let typing be shown. */
export interface TypingSet {
  room: string;
  on: boolean;
}

/** Every request, and what it is answered. */
export interface Requests {
  "room:list": { request: RoomList; answer: RoomListed };
  "room:join": { request: RoomJoin; answer: RoomJoined };
  "room:leave": { request: RoomLeave; answer: Empty };
  "room:unwatch": { request: RoomUnwatch; answer: Empty };
  "room:create": { request: RoomCreate; answer: RoomCreated };
  "room:update": { request: RoomUpdate; answer: RoomUpdated };
  "room:members": { request: RoomMembers; answer: RoomMembersListed };
  "room:invite": { request: RoomInvite; answer: Empty };
  "message:send": { request: MessageSend; answer: MessageSent };
  "message:since": { request: MessageSince; answer: MessagePage };
  "message:before": { request: MessageBefore; answer: MessageHistory };
  "message:edit": { request: MessageEdit; answer: MessageAnswer };
  "message:retract": { request: MessageRetract; answer: MessageAnswer };
  "message:react": { request: MessageReact; answer: MessageAnswer };
  "message:release": { request: MessageRelease; answer: MessageAnswer };
  "message:remove": { request: MessageRemove; answer: MessageAnswer };
  "read:mark": { request: ReadMark; answer: ReadMarked };
  "typing:set": { request: TypingSet; answer: Empty };
  "person:me": { request: PersonMe; answer: PersonMeAnswer };
  "settings:set": { request: SettingsSet; answer: PersonMeAnswer };
  "block:list": { request: BlockList; answer: BlockListed };
  "block:add": { request: BlockAdd; answer: Empty };
  "block:remove": { request: BlockRemove; answer: Empty };
}

/** Everything the server tells unasked. */
export interface Events {
  "message:new": MessageNew;
  "message:changed": MessageChanged;
  "room:changed": RoomChanged;
  "room:removed": RoomRemoved;
  "presence:changed": PresenceChanged;
  "typing:changed": TypingChanged;
  "read:changed": ReadChanged;
  "person:changed": PersonChanged;
  "session:ended": SessionEnded;
  "server:goodbye": ServerGoodbye;
}
