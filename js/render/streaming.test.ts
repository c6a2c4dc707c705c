import { describe, expect, it } from "vitest";
import { answers, EXAMPLES, random, randomDocument } from "./testing/documents";
import { atOnce, stream, streamed } from "./testing/drawing";

const TIMEOUT = 120_000;

/** The documents whose drawing depends on how they came. */
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

  it("is drawn without the last pass as with it, but for its open end", () => {
    const view = stream(`${answer}\n\nend\n`, 4);
    const before = view.root.textContent;
    view.finish();
    expect(view.root.textContent).toBe(before);
  });

  it("keeps the nodes of what is complete", () => {
    const view = stream(answer, 16);
    const nodes = [...view.root.querySelectorAll("h2, p, li, td, pre")];
    expect(nodes.length).toBeGreaterThan(100);
    view.append("\n\nMore.");
    view.flush();
    view.finish();
    expect(nodes.filter((node) => !view.root.contains(node))).toEqual([]);
  });

  it("hardly ever removes a node", async () => {
    const counts = { added: 0, removed: 0 };
    const view = stream("", 0);
    const observer = new MutationObserver(() => {});
    observer.observe(view.root, { childList: true, subtree: true });
    for (let i = 0; i < answer.length; i += 8) {
      view.append(answer.slice(i, i + 8));
      while (!view.flush());
    }
    for (const record of observer.takeRecords()) {
      counts.added += record.addedNodes.length;
      counts.removed += record.removedNodes.length;
    }
    expect(counts.added).toBeGreaterThan(500);
    expect(counts.removed / counts.added).toBeLessThan(0.02);
  });
});
