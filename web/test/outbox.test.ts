import { describe, expect, it } from "vitest";
import * as outbox from "../src/lib/outbox";
import { ANA, BEN, message, ROOM } from "./make";

const OTHER = "01900000-0000-7000-8000-000000000002";
const NOW = 1_000_000;

function write(key: string, room = ROOM, text = key): Parameters<typeof outbox.written>[1] {
  return { key, room, text, replyTo: null, writtenAt: NOW };
}

const two = outbox.written(outbox.written([], write("one")), write("two"));
const keys = (items: readonly outbox.OutboxItem[]) => items.map((item) => item.key);

describe("what is due", () => {
  it("is one item for each room, in the order they were written", () => {
    const items = outbox.written(two, write("three", OTHER));
    expect(keys(outbox.due(items, NOW))).toEqual(["one", "three"]);
  });

  it("is nothing while the room's first item is under way", () => {
    expect(outbox.due(outbox.sending(two, "one"), NOW)).toEqual([]);
  });

  it("goes on behind a failed item", () => {
    const refusal = { code: "not_a_member", message: "" };
    const items = outbox.refused(outbox.sending(two, "one"), "one", refusal, NOW);
    expect(items[0]).toMatchObject({ state: "failed", refusal });
    expect(keys(outbox.due(items, NOW))).toEqual(["two"]);
  });
});

describe("a passing refusal", () => {
  it.each(["offline", "timeout", "unavailable", "rate_limited", "internal_error"])(
    "such as %s keeps the item, its key and its place",
    (code) => {
      const sent = outbox.sending(two, "one");
      const items = outbox.refused(sent, "one", { code, message: "" }, NOW);
      expect(keys(items)).toEqual(["one", "two"]);
      expect(outbox.due(items, NOW)).toEqual([]);
      expect(keys(outbox.due(items, NOW + 60_000))).toEqual(["one"]);
    },
  );

  it("waits as long as the server asks", () => {
    const refusal = { code: "rate_limited", message: "", retry_after: 7 };
    const items = outbox.refused(outbox.sending(two, "one"), "one", refusal, NOW);
    expect(outbox.nextDue(items, NOW)).toBe(NOW + 7_000);
  });

  it("is forgotten when the connection is back", () => {
    const refusal = { code: "offline", message: "" };
    const items = outbox.refused(outbox.sending(two, "one"), "one", refusal, NOW);
    expect(keys(outbox.due(outbox.reconnected(items), NOW))).toEqual(["one"]);
  });

  it("waits longer each time, within bounds", () => {
    let items: outbox.Outbox = two;
    let before = 0;
    for (let round = 0; round < 12; round += 1) {
      const refusal = { code: "timeout", message: "" };
      items = outbox.refused(outbox.sending(items, "one"), "one", refusal, NOW);
      const wait = (outbox.nextDue(items, NOW) ?? 0) - NOW;
      expect(wait).toBeGreaterThanOrEqual(before);
      expect(wait).toBeLessThanOrEqual(30_000);
      before = wait;
    }
  });
});

describe("an item that is sent again", () => {
  it("after a lost connection keeps its key", () => {
    const items = outbox.reconnected(outbox.sending(two, "one"));
    expect(keys(outbox.due(items, NOW))).toEqual(["one"]);
  });

  it("after a failure keeps its key and loses the reason", () => {
    const refusal = { code: "text_empty", message: "" };
    const failed = outbox.refused(outbox.sending(two, "one"), "one", refusal, NOW);
    expect(outbox.again(failed, "one")[0]).toMatchObject({ state: "waiting", refusal: null });
  });
});

describe("a message of mine that came in by the room's own way", () => {
  const sent = outbox.sending(two, "one");

  it("hides its item, which is still sent until it is confirmed", () => {
    const items = outbox.arrived(sent, message(1, { text: "one" }), ANA.id);
    expect(keys(outbox.shown(items, ROOM))).toEqual(["two"]);
    expect(keys(items)).toEqual(["one", "two"]);
  });

  it("hides one item only", () => {
    const same = outbox.written(outbox.sending(outbox.written([], write("a", ROOM, "yes")), "a"), {
      ...write("b", ROOM, "yes"),
    });
    const items = outbox.arrived(same, message(1, { text: "yes" }), ANA.id);
    expect(keys(outbox.shown(items, ROOM))).toEqual(["b"]);
  });

  it("hides nothing when it is somebody else's, or was never sent", () => {
    expect(outbox.arrived(sent, message(1, { text: "one", author: BEN }), ANA.id)).toBe(sent);
    expect(outbox.arrived(two, message(1, { text: "one" }), ANA.id)).toBe(two);
  });
});
