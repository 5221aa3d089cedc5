import { describe, expect, it } from "vitest";
import { en } from "../src/i18n/en";
import { es } from "../src/i18n/es";

function texts(found: unknown, path = ""): [string, string][] {
  if (typeof found === "string") return [[path, found]];
  if (typeof found !== "object" || found === null) return [];
  return Object.entries(found).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

describe("the catalogues", () => {
  it("have the same keys, lists of the same length, and no empty text", () => {
    const [english, spanish] = [texts(en), texts(es)];
    expect(spanish.map(([path]) => path)).toEqual(english.map(([path]) => path));
    for (const [path, text] of [...english, ...spanish]) expect(text.trim(), path).not.toBe("");
  });

  it("leave nothing in English by oversight", () => {
    const same = texts(es).filter(([path, text]) =>
      texts(en).some(([p, e]) => p === path && e === text),
    );
    expect(same).toEqual([]);
  });
});
