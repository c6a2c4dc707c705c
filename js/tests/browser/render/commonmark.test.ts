import { afterAll, beforeAll, expect, it } from "vitest";
import { expected } from "../../../render/testing/commonmark";
import { EXAMPLES } from "../../../render/testing/documents";
import type * as Drawing from "./drawing";
import { Stage } from "./stage";

declare const drawing: typeof Drawing;

/** Examples of CommonMark 0.31.2 that are drawn otherwise, on purpose. */
const ON_PURPOSE: Record<string, number[]> = {
  "raw HTML is text": [
    21,
    31,
    201,
    308,
    309,
    344,
    475,
    476,
    477,
    491,
    494,
    524,
    536,
    642,
    643,
    ...EXAMPLES.filter(({ section, html }) => /HTML/.test(section) && !html.startsWith("<p>&lt;"))
      .map(({ number }) => number)
      .filter((number) => number !== 168), // a bare <del>
  ],
  "a bare URL is a link": [602, 608, 611],
  "an image in a link is its description": [517, 531],
  "a bracketed formula is math": [12],
  "rare entities stay as written": [25],
  "a note of one word defines no link": [203, 204],
};

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});

afterAll(() => stage.close());

it("CommonMark's examples have the structure and the text that the specification gives", async () => {
  const drawn = await stage.page.evaluate(
    (texts) => texts.map(drawing.commonMark),
    EXAMPLES.map((example) => example.markdown),
  );
  const different = EXAMPLES.filter((example, i) => drawn[i] !== expected(example.html)).map(
    ({ number }) => number,
  );
  const known = [...new Set(Object.values(ON_PURPOSE).flat())].sort((a, b) => a - b);
  expect(different).toEqual(known);
});
