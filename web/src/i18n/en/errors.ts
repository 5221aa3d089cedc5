// What a refusal means, by its code.
import { count } from "../count";

export const errors = {
  unknown: "That did not work. Please try again.",
  offline: "There is no connection right now.",
  timeout: "The server did not answer. Please try again.",
  rate_limited: "That was a lot at once. Please wait a moment.",
  unavailable: "The server cannot do this right now. Please try again in a moment.",
  internal_error: "Something went wrong on the server. It is not your fault.",
  shutting_down: "The server is being restarted. Please try again in a moment.",
  too_many_connections: "You are connected from many places already. Please close one of them.",
  invalid_request: "This page may be out of date. Please load it again.",
  unknown_event: "This page may be out of date. Please load it again.",
  origin_refused: "This page may not talk to this server.",
  agreements_required: "Please read and accept the room’s agreements first.",
  invitation_required: "This room is by invitation. Somebody who facilitates it can let you in.",
  not_a_member: "Please join the room first.",
  room_full: "This room is full at the moment.",
  last_facilitator:
    "You are the only one who facilitates this room. Please ask somebody to take over first.",
  text_empty: "There is nothing to read in this message.",
  text_unreadable: "This message holds characters that are no text.",
  reply_unknown: "The message that this answers is no longer here.",
  message_not_found: "This message is not here any more, or is not yours to change.",
  edit_too_late: "A message can be changed for 15 minutes. You can still take it back.",
  message_not_held: "This message is not waiting any more; somebody was quicker.",
  body_unreadable: "This message cannot be read any more.",
  unauthenticated: "Please sign in again.",
  not_allowed: "This is for people with another role.",
  not_found: "It is no longer there, or it is not open to you.",
  handle_taken: "Somebody here already has this handle. Please choose another.",
  handle_invalid:
    "A handle has 2 to 32 letters or digits. Dots, hyphens and underscores may stand between.",
  handle_reserved: "This handle could be mistaken for the people who run the community.",
  password_too_short: "A password needs at least 10 characters. A few plain words are good.",
  password_too_common:
    "This password is easy to guess. A few plain words that only you would put together are better.",
  invitation_invalid:
    "This invitation has been used, has run out, or never was. Please ask for a new one.",
  sign_in_refused: "The handle and the password do not go together.",
  sign_in_throttled: "Too many attempts did not succeed. Please wait a little.",
  link_invalid: "This sign-in link has been used or has run out. Please ask for a new one.",
  suspended: "This account is suspended.",
  setup_refused:
    "This community has been set up already, or the code is not the one that was printed.",
  no_such_person: "Nobody here has this handle.",
  no_such_session: "This session has ended already.",
  block_self: "You cannot block yourself.",
  community_name_empty: "The community needs a name that can be read.",
  room_name_empty: "A room needs a name that can be read.",
  wait: (seconds: number) => `Please wait ${count(seconds, "second", "seconds")}.`,
};
