import { describe, expect, it } from "vitest";
import { actionsOn, anyAction, mayModerate } from "../src/lib/permissions";
import { NO_SHIFT, released } from "../src/lib/tripleShift";
import { stillTyping, typing } from "../src/lib/typing";
import type { Me } from "../src/protocol";
import { ANA, BEN, message, room } from "./make";

const me = (...roles: Me["roles"]): Me => ({
  ...ANA,
  roles: ["member", ...roles],
  presence_shown: false,
  typing_shown: false,
  language: "en",
});
const NOW = Date.parse(message(1).at) + 60_000;

describe("what is offered on a message", () => {
  it("of mine: change and take back, for a while", () => {
    expect(actionsOn(message(1), me(), room(), NOW)).toMatchObject({
      ...{ edit: true, retract: true, block: false, remove: false },
    });
    const late = actionsOn(message(1), me(), room(), NOW + 3_600_000);
    expect([late.edit, late.retract]).toEqual([false, true]);
  });

  it("of somebody else: answer and block", () => {
    expect(actionsOn(message(1, { author: BEN }), me(), room(), NOW)).toMatchObject({
      ...{ reply: true, react: true, block: true, edit: false, retract: false, remove: false },
    });
  });

  it("that is held: release and remove, for those who may", () => {
    const held = message(1, { author: BEN, state: "held" });
    expect(actionsOn(held, me("moderator"), room(), NOW)).toMatchObject({
      ...{ release: true, remove: true, react: false },
    });
    const facilitated = room({ facilitator: true });
    expect(actionsOn(held, me(), facilitated, NOW).release).toBe(true);
    expect(actionsOn(message(1, { state: "held" }), me("moderator"), room(), NOW).release).toBe(
      false,
    );
  });

  it("that is only a place: nothing", () => {
    const place = message(1, { author: null, text: null, state: "retracted" });
    expect(anyAction(actionsOn(place, me("moderator"), room(), NOW))).toBe(false);
  });

  it("an admin moderates nobody by virtue of it", () => {
    expect(mayModerate(me("admin"), room())).toBe(false);
    expect(mayModerate(me("safety_lead"), room({ joined: false }))).toBe(false);
  });
});

describe("pressing Shift three times", () => {
  type Key = [key: string, shift: boolean, at: number];
  const press = (...keys: Key[]) =>
    keys.reduce((state, [key, shift, at]) => released(state, key, shift, at), NO_SHIFT).count;

  it("counts within five seconds", () => {
    expect(press(["Shift", false, 0], ["Shift", false, 900], ["Shift", false, 1800])).toBe(3);
    expect(press(["Shift", false, 0], ["Shift", false, 900], ["Shift", false, 5100])).toBe(1);
  });

  it("is not writing capitals", () => {
    const capital: Key[] = [
      ["A", true, 0],
      ["Shift", false, 10],
    ];
    expect(press(...capital, ...capital, ...capital)).toBe(0);
    expect(press(["Shift", false, 0], ["a", false, 10], ["Shift", false, 20])).toBe(1);
  });
});

describe("who is writing", () => {
  it("ends with a word, or after six seconds", () => {
    const both = typing(typing([], ANA, true, 0), BEN, true, 1_000);
    expect(both.map((one) => one.person.handle)).toEqual(["ana", "ben"]);
    expect(typing(both, ANA, false, 2_000).map((one) => one.person.handle)).toEqual(["ben"]);
    expect(stillTyping(both, 6_500).map((one) => one.person.handle)).toEqual(["ben"]);
    expect(typing(both, ANA, true, 3_000)).toHaveLength(2);
  });
});
