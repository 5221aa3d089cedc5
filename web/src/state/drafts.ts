// What is being written, for each room. Kept in this tab only, and cleared on leaving quickly.
import { tab } from "../lib/storage";

export interface Draft {
  text: string;
  replyTo: number | null;
}

const EMPTY: Draft = { text: "", replyTo: null };
const key = (room: string) => `draft:${room}`;

export function draftOf(room: string): Draft {
  try {
    return { ...EMPTY, ...(JSON.parse(tab.get(key(room)) ?? "{}") as Partial<Draft>) };
  } catch {
    return EMPTY;
  }
}

export function keepDraft(room: string, draft: Draft): void {
  if (draft.text === "" && draft.replyTo === null) tab.remove(key(room));
  else tab.set(key(room), JSON.stringify(draft));
}
