import { describe, expect, it } from "vitest";
import * as log from "../src/lib/log";
import { joined, message, range } from "./make";

const seqs = (held: log.RoomLog) => held.messages.map((one) => one.seq);

describe("opening a room", () => {
  it("holds the latest messages and knows that there are older ones", () => {
    const held = log.opened(joined(range(51, 100)));
    expect(held.last).toBe(100);
    expect(held.more).toBe(true);
    expect(log.missingAfter(held)).toBeNull();
  });

  it("of an empty room has nothing older", () => {
    const held = log.opened(joined([]));
    expect([held.last, held.more, log.missingAfter(held)]).toEqual([0, false, null]);
  });

  it("in which all has expired goes on after the last place", () => {
    const held = log.opened(joined([], { last_seq: 7 }));
    expect(seqs(log.received(held, message(8)))).toEqual([8]);
  });
});

describe("new messages", () => {
  const held = log.opened(joined(range(1, 3)));

  it("are added in their order", () => {
    expect(seqs(log.received(held, message(4)))).toEqual([1, 2, 3, 4]);
  });

  it("that came before are dropped", () => {
    expect(log.received(held, message(3))).toBe(held);
  });

  it("beyond a hole wait until it is filled", () => {
    const ahead = log.received(log.received(held, message(6)), message(5));
    expect(seqs(ahead)).toEqual([1, 2, 3]);
    expect(log.missingAfter(ahead)).toBe(3);
    const filled = log.received(ahead, message(4));
    expect(seqs(filled)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(log.missingAfter(filled)).toBeNull();
    expect(filled.ahead.size).toBe(0);
  });

  it("never leave a hole or a double, whatever the order they come in", () => {
    const orders = [
      [4, 5, 6, 7],
      [7, 6, 5, 4],
      [5, 7, 4, 6],
      [6, 6, 4, 7, 5, 4],
    ];
    for (const order of orders) {
      const end = order.reduce((now, seq) => log.received(now, message(seq)), held);
      expect(seqs(end)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    }
  });
});

describe("asking for what is missing", () => {
  const behind = log.received(log.opened(joined(range(1, 3))), message(9));

  it("takes a page at a time", () => {
    const first = log.since(behind, { messages: range(4, 6), last_seq: 9 }, 3);
    expect(log.missingAfter(first)).toBe(6);
    const second = log.since(first, { messages: range(7, 9), last_seq: 9 }, 6);
    expect(seqs(second)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(log.missingAfter(second)).toBeNull();
  });

  it("takes a hole in the answer for messages that have expired", () => {
    const after = log.since(behind, { messages: range(8, 9), last_seq: 9 }, 3);
    expect(seqs(after)).toEqual([8, 9]);
    expect(after.more).toBe(false);
    expect(log.missingAfter(after)).toBeNull();
  });

  it("ends when all there was has expired", () => {
    const after = log.since(behind, { messages: [], last_seq: 12 }, 3);
    expect(log.missingAfter(after)).toBeNull();
    expect(after.last).toBe(12);
  });

  it("that was answered twice changes nothing", () => {
    const page = { messages: range(4, 9), last_seq: 9 };
    const once = log.since(behind, page, 3);
    expect(seqs(log.since(once, page, 3))).toEqual(seqs(once));
  });
});

describe("coming back", () => {
  it("adds what came and applies what changed, and may be partial", () => {
    const held = log.opened(joined(range(1, 3), { revision: 4 }));
    const changed = [message(2, { text: "better", revision: 6 })];
    const answer = joined(range(4, 5), { last_seq: 8, revision: 6, changed });
    const back = log.resumed(held, answer, 3);
    expect(seqs(back)).toEqual([1, 2, 3, 4, 5]);
    expect(log.at(back, 2)?.text).toBe("better");
    expect(back.revision).toBe(6);
    expect(log.missingAfter(back)).toBe(5);
  });
});

describe("changes", () => {
  const held = log.opened(joined([message(1, { mine: ["heart"], revision: 2 })]));

  it("keep my reactions where they are not told", () => {
    const after = log.changed(held, message(1, { text: "new", revision: 3 }));
    expect(log.at(after, 1)).toMatchObject({ text: "new", mine: ["heart"] });
    expect(after.revision).toBe(3);
  });

  it("that are older than what is held are dropped", () => {
    const after = log.changed(held, message(1, { text: "old", revision: 2 }));
    expect(log.at(after, 1)?.text).toBe("message 1");
  });

  it("reach a message that waits beyond a hole", () => {
    const ahead = log.received(held, message(3));
    const after = log.changed(ahead, message(3, { text: "edited", revision: 5 }));
    const filled = log.received(after, message(2));
    expect(log.at(filled, 3)?.text).toBe("edited");
  });

  it("of a message that is not loaded change nothing", () => {
    const after = log.changed(held, message(9, { revision: 9 }));
    expect(after.messages).toBe(held.messages);
  });
});

describe("history", () => {
  const held = log.opened(joined(range(51, 60)));

  it("goes before the rest, without doubles", () => {
    const after = log.prepended(held, { messages: range(41, 52), more: true });
    expect(seqs(after)).toEqual(range(41, 60).map((one) => one.seq));
    expect(after.more).toBe(true);
  });

  it("expires from the front only", () => {
    const now = Date.parse(message(55).at) + 86_400_000;
    const after = log.expired(held, now, 1);
    expect(seqs(after)).toEqual([55, 56, 57, 58, 59, 60]);
    expect(log.expired(held, now, null)).toBe(held);
    expect(log.expired(after, now, 1)).toBe(after);
  });
});
