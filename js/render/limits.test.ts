import { describe, expect, it } from "vitest";
import { atOnce, drawn, streamed } from "./testing/drawing";

/** Depth of the deepest element. */
function depth(element: Element): number {
  return 1 + Math.max(0, ...[...element.children].map(depth));
}

describe("hostile sizes", { timeout: 60_000 }, () => {
  it.each([
    ["quotes", ">".repeat(20_000)],
    ["lists", "- ".repeat(20_000)],
    ["brackets", "[".repeat(10_000)],
    ["images", "![".repeat(5_000)],
    ["stars", "*a ".repeat(10_000)],
    ["alternating stars", "*_".repeat(10_000)],
    ["links in links", `${"[".repeat(2_000)}a${"](b)".repeat(2_000)}`],
    ["ticks", "`".repeat(20_000)],
    ["ticks apart", Array.from({ length: 200 }, (_, i) => "`".repeat(i)).join(" ")],
    ["dollars", "$a ".repeat(10_000)],
    ["open formulas", "\\(".repeat(10_000)],
    ["open display formulas", "\\[ a\n".repeat(5_000)],
    ["pipes", `${"|".repeat(5_000)}\n${"|-".repeat(5_000)}|\n`],
    ["references", "[a]: b\n".repeat(5_000)],
    ["backslashes", "\\".repeat(20_000)],
    ["references to nothing", "[a][b]".repeat(5_000)],
    ["entities", "&amp".repeat(10_000)],
    ["angles", "<a".repeat(10_000)],
    ["URLs", "https://a".repeat(5_000)],
    ["hidden characters", "\u202e".repeat(3_000)],
  ])("%s are drawn, not too deep", (_, text) => {
    expect(depth(drawn(text))).toBeLessThan(250);
    expect(streamed(text, 3_000)).toBe(atOnce(text));
  });

  it("a long line is plain text in pieces", () => {
    const text = "**word** ".repeat(20_000);
    const root = drawn(text);
    expect(root.querySelector("strong")).toBeNull();
    expect(root.textContent).toBe(text.trim());
    const lengths = [...root.querySelectorAll(".nbs-chunk")].map((chunk) => chunk.textContent?.length);
    expect(Math.max(...lengths.map(Number))).toBe(8192);
    expect(streamed(text, 50_000)).toBe(atOnce(text));
  });

  it("a pair of surrogates is never cut", () => {
    const text = `a${"\u{1f600}".repeat(30_000)}`;
    const chunks = [...drawn(text).querySelectorAll(".nbs-chunk")].map((chunk) => chunk.textContent ?? "");
    expect(chunks.filter((chunk) => /\p{Surrogate}/u.test(chunk))).toEqual([]);
    expect(streamed(text, 4_097)).toBe(atOnce(text));
  });

  it("beyond a million characters an answer goes on as plain text", () => {
    const text = "A **line**.\n\n".repeat(100_000);
    const root = drawn(text);
    expect(root.lastElementChild?.className).toBe("nbs-unparsed");
    expect(root.lastElementChild?.textContent).toBe(text.slice(1_000_000));
  });
});
