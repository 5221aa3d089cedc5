// What to offer on the screen. The server decides; this only keeps away what it would refuse.
import type { Me, Message, Room } from "../protocol";
import type { Role } from "./types";

const has = (me: Me, ...roles: Role[]) => roles.some((role) => me.roles.includes(role));

export const mayCreateRoom = (me: Me) => has(me, "moderator", "admin");
export const mayInvitePeople = (me: Me) => has(me, "moderator", "admin");
export const mayChooseRole = (me: Me) => has(me, "admin");
export const mayUpdateRoom = (me: Me, room: Room) => room.facilitator || has(me, "admin");
export const mayInviteToRoom = (room: Room) => room.facilitator && room.access !== "open";

export function mayModerate(me: Me, room: Room): boolean {
  return room.joined && (room.facilitator || has(me, "moderator", "safety_lead"));
}

export interface MessageActions {
  react: boolean;
  reply: boolean;
  edit: boolean;
  retract: boolean;
  block: boolean;
  release: boolean;
  remove: boolean;
}

/** As long as the server lets a message be changed. */
const EDIT_MS = 15 * 60_000;

export function actionsOn(message: Message, me: Me, room: Room, now: number): MessageActions {
  const state = message.state ?? "visible";
  const mine = message.author?.id === me.id;
  const visible = state === "visible";
  const moderates = mayModerate(me, room) && message.author != null && !mine;
  return {
    react: visible && room.joined,
    reply: visible && room.joined,
    edit: mine && (visible || state === "held") && now - Date.parse(message.at) < EDIT_MS,
    retract: mine && (visible || state === "held"),
    block: !mine && message.author != null,
    release: moderates && state === "held",
    remove: moderates && (visible || state === "held"),
  };
}

export function anyAction(actions: MessageActions): boolean {
  return Object.values(actions).some(Boolean);
}
