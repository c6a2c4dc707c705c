import { expect, test } from "vitest";
import { plainText } from "./plain-text";

test.each([
  ["**bold** prose and *more* of it", "bold prose and more of it"],
  ["a [link](https://example.com/a_b) here", "a link here"],
  ["Run `a * b` now", "Run a * b now"],
  ["```python\nx = a*b\n```\nafter **it**", "python\nx = a*b\n\nafter it"],
  ["2 * 3 is 6", "2 * 3 is 6"],
  ["1 &#60; 2 and <span>&#36;</span>5", "1 < 2 and $5"],
  ["", ""],
])("%j is searched as %j", (markdown, text) => {
  expect(plainText(markdown)).toBe(text);
});
