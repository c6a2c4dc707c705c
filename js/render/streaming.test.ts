import { describe, expect, it } from "vitest";
import { EXAMPLES, random, randomDocument } from "./testing/documents";
import { atOnce, stream, streamed, tree } from "./testing/drawing";

describe("what has streamed is what is drawn at once", () => {
  it.each([1, 4, 0])("for every CommonMark example in pieces of %i", (size) => {
    const different = EXAMPLES.filter(({ markdown }) => streamed(markdown, size) !== atOnce(markdown));
    expect(different.map((example) => example.number)).toEqual([]);
  });
  it.each([1, 7, 64])("raw in pieces of %i", (size) => {
    const bad: string[] = [];
    for (let seed = 1; seed < 400; seed++) {
      const doc = randomDocument(random(seed));
      if (streamed(doc, size) !== atOnce(doc)) bad.push(doc);
    }
    expect(bad).toEqual([]);
  });
  it("streaming without final", () => {
    let n = 0, all = 0;
    for (const e of EXAMPLES) for (const size of [1, 4]) {
      all++;
      const v = stream(e.markdown.replace(/\n*$/, "\n\nend\n\nend2\n"), size);
      const before = tree(v.root);
      v.finish();
      if (before !== tree(v.root)) { n++; if (n < 14) console.log(e.number, JSON.stringify(e.markdown), "\n", before, "\n", tree(v.root)); }
    }
    console.log("before-final differences", n, "of", all);
  });
});
