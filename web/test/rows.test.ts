import { describe, expect, it } from "vitest";
import { rowsOf } from "../src/lib/rows";
import { daysAgo } from "../src/lib/time";
import { ANA, BEN, message } from "./make";

const kinds = (rows: ReturnType<typeof rowsOf>) =>
  rows.map((row) => (row.kind === "message" ? row.message.seq : row.kind));

describe("rows", () => {
  it("begin each day once", () => {
    const next = message(3, { at: "2026-01-03T12:00:00Z" });
    expect(kinds(rowsOf([message(1), message(2), next], null, BEN.id))).toEqual([
      "day",
      1,
      2,
      "day",
      3,
    ]);
  });

  it("draw the unread line before the first message of others", () => {
    const messages = [message(1), message(2, { author: BEN }), message(3), message(4)];
    expect(kinds(rowsOf(messages, 1, BEN.id))).toEqual(["day", 1, 2, "unread", 3, 4]);
    expect(kinds(rowsOf(messages, 4, BEN.id))).toEqual(["day", 1, 2, 3, 4]);
  });

  it("show nothing of somebody blocked, not even an empty day", () => {
    const hidden = { author: null, text: null, state: "hidden" } as const;
    const messages = [message(1, hidden), message(2, { ...hidden, at: "2026-01-02T12:00:00Z" })];
    expect(rowsOf(messages, 0, BEN.id)).toEqual([]);
  });

  it("put what somebody goes on to say under one name", () => {
    const messages = [message(1), message(2), message(3, { author: BEN }), message(4)];
    const follows = rowsOf(messages, null, ANA.id).flatMap((row) =>
      row.kind === "message" ? row.follows : [],
    );
    expect(follows).toEqual([false, true, false, false]);
  });
});

describe("days", () => {
  it("are told apart at midnight, not after 24 hours", () => {
    const late = new Date(2026, 0, 1, 23, 59).toISOString();
    expect(daysAgo(late, new Date(2026, 0, 2, 0, 1).getTime())).toBe(1);
    expect(daysAgo(late, new Date(2026, 0, 1, 23, 59, 30).getTime())).toBe(0);
  });
});
