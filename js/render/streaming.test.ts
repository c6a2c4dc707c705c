import { describe, expect, it } from "vitest";
import { answers, EXAMPLES, random, randomDocument } from "./testing/documents";
import { add, atOnce, stream, streamed, tree } from "./testing/drawing";

const TIMEOUT = 120_000;
/**
 * Examples whose end changes the meaning of closed blocks: definitions after their use, an unclosed `\\[`.
 */
const REACHES_BACK = new Set([14, 549, 565, 570]);

/** The documents whose drawing depends on their deltas. */
function dependent(documents: readonly string[], size: number): string[] {
  return documents.filter((text) => streamed(text, size) !== atOnce(text));
}

describe("what has streamed is what is drawn at once", () => {
  const examples = EXAMPLES.map((example) => example.markdown);
  it.each([1, 4, 0])(
    "CommonMark examples in pieces of %i",
    (size) => {
      expect(dependent(examples, size)).toEqual([]);
    },
    TIMEOUT,
  );

  const concatenated = Array.from({ length: Math.ceil(examples.length / 7) }, (_, i) =>
    examples.slice(i * 7, i * 7 + 7).join("\n\n"),
  );
  it.each([1, 4, 33, 0])(
    "seven examples joined in pieces of %i",
    (size) => {
      expect(dependent(concatenated, size)).toEqual([]);
    },
    TIMEOUT,
  );

  const fuzz = Array.from({ length: 400 }, (_, seed) => randomDocument(random(seed)));
  it.each([1, 3, 17, 80])(
    "random documents in pieces of %i",
    (size) => {
      expect(dependent(fuzz, size)).toEqual([]);
    },
    TIMEOUT,
  );

  it.each([7, 400, 0])("a table of many rows in pieces of %i", (size) => {
    const table = `| a | b |\n|---|--:|\n${"| 1 | **2** |\n".repeat(100)}`;
    expect(dependent([table, `- in a list\n\n${table.replaceAll(/^/gm, "  ")}`], size)).toEqual([]);
    const bodies = [...stream(table, size).root.querySelectorAll("tbody")].map(
      (body) => body.children.length,
    );
    expect(bodies).toEqual([32, 32, 32, 4]);
  });

  it.each([1, 4, 128, 0])(
    "long answers in pieces of %i",
    (size) => {
      expect(dependent(answers(), size)).toEqual([]);
    },
    TIMEOUT,
  );
});

describe("an answer that streams", () => {
  const answer = answers()[0] as string;

  /** Changes by the last pass to `text` drawn in pieces of `size`. */
  function mended(text: string, size: number): boolean {
    const view = stream(text, size);
    const before = tree(view.root).replaceAll(/ nbs-(code-open|section-full)/g, "");
    view.finish();
    return before !== tree(view.root);
  }

  it.each([1, 4, 16])(
    "in pieces of %i is right before the last pass already",
    (size) => {
      const closed = EXAMPLES.map(({ markdown, number }) => ({ number, text: `${markdown}\n\nend\n` }));
      const wrong = closed.filter(({ text }) => mended(text, size)).map(({ number }) => number);
      expect(wrong.filter((number) => !REACHES_BACK.has(number))).toEqual([]);
      expect(answers().filter((text) => mended(`${text}\n\nend\n`, size))).toEqual([]);
    },
    TIMEOUT,
  );

  it("keeps the nodes of what is complete", () => {
    const view = stream(answer, 16);
    const nodes = [...view.root.querySelectorAll("h2, p, li, td, pre")];
    expect(nodes.length).toBeGreaterThan(100);
    add(view, "\n\nMore.");
    view.finish();
    expect(nodes.filter((node) => !view.root.contains(node))).toEqual([]);
  });

  it("hardly ever removes a node", async () => {
    const counts = { added: 0, removed: 0 };
    const view = stream("", 0);
    const observer = new MutationObserver(() => {});
    observer.observe(view.root, { childList: true, subtree: true });
    for (let i = 0; i < answer.length; i += 8) {
      add(view, answer.slice(i, i + 8));
    }
    for (const record of observer.takeRecords()) {
      counts.added += record.addedNodes.length;
      counts.removed += record.removedNodes.length;
    }
    expect(counts.added).toBeGreaterThan(500);
    expect(counts.removed / counts.added).toBeLessThan(0.02);
  });
});
