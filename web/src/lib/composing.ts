// What the composer is for at the moment.
export type Composing =
  | { kind: "new" }
  | { kind: "reply"; seq: number }
  | { kind: "edit"; seq: number; text: string }
  | { kind: "again"; text: string; replyTo: number | null };
