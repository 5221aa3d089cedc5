import { describe, expect, it } from "vitest";
import { pieces } from "../src/lib/links";
import { codeFrom, pageAt, pathOf } from "../src/lib/path";
import { over } from "../src/lib/text";
import { uuid } from "../src/lib/uuid";

const links = (text: string) =>
  pieces(text).flatMap((piece) => (piece.kind === "link" ? piece.href : []));

describe("links in a message", () => {
  it("are http and https only", () => {
    expect(links("see https://example.org/a?b=1#c and http://example.net")).toEqual([
      "https://example.org/a?b=1#c",
      "http://example.net/",
    ]);
    for (const text of [
      "javascript:alert(1)",
      "data:text/html,<b>x</b>",
      "ftp://example.org",
      "//example.org",
      "www.example.org",
      "https://",
      "https://somebody:secret@example.org/",
    ]) {
      expect(links(text)).toEqual([]);
    }
  });

  it("leave the sentence's own signs out", () => {
    expect(links("(https://example.org/x).")).toEqual(["https://example.org/x"]);
    expect(links("https://example.org/a_(b)!")).toEqual(["https://example.org/a_(b)"]);
    expect(links("“https://example.org/x”, yes")).toEqual(["https://example.org/x"]);
  });

  it.each(["", "plain", "a https://example.org. b", "https://a.example https://b.example", "<b>"])(
    "never change the words: %s",
    (text) => {
      expect(
        pieces(text)
          .map((piece) => piece.text)
          .join(""),
      ).toBe(text);
    },
  );
});

describe("the length of a message", () => {
  it("is counted in characters, as the server does", () => {
    expect(over("a".repeat(4000))).toBe(0);
    expect(over("🕯".repeat(4000))).toBe(0);
    expect(over("🕯".repeat(4001))).toBe(1);
    expect(over(`  ${"a".repeat(10)}  `)).toBe(-3990);
  });
});

describe("addresses", () => {
  const room = "01900000-0000-7000-8000-000000000001";

  it("lead to pages and back", () => {
    for (const path of ["/", "/settings", "/help", "/signin", "/join", `/room/${room}`]) {
      expect(pathOf(pageAt(path))).toBe(path);
    }
    expect(pageAt("/room/nonsense").name).toBe("missing");
    expect(pageAt("/elsewhere").name).toBe("missing");
  });

  it("give up their code, whole or as it was typed", () => {
    expect(codeFrom("https://chat.example/join#abc-1 ")).toBe("abc-1");
    expect(codeFrom(" abc-1")).toBe("abc-1");
  });
});

describe("a random key", () => {
  it("is a UUID of version 4, each its own", () => {
    const made = new Set(Array.from({ length: 500 }, uuid));
    expect(made.size).toBe(500);
    for (const one of made) {
      expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });
});
