import { describe, expect, it } from "vitest";
import { asPlain, asPrompt, isPromptSource, type Origin } from "./source";

describe("a %%chat cell as another cell", () => {
  it.each<[string, Origin, string]>([
    ["%%chat\n*Hello*\n", "markdown", "*Hello*\n"],
    ["%%chat", "markdown", ""],
    ["%%chat  \nx", "code", "x"],
    ["\n %%chat -m demo\nx = 1", "code", "# nbstream: %%chat -m demo\nx = 1"],
    ["%%nbchat\nx", "markdown", "<!-- nbstream: %%nbchat -->\nx"],
    ["%%chat --system 'a --> b'\nx", "markdown", "<!-- nbstream: %%chat --system 'a --&gt; b' -->\nx"],
    ["%%chatty\nx", "markdown", "%%chatty\nx"],
  ])("%j as %s is %j", (source, to, plain) => {
    expect(asPlain(source, to)).toBe(plain);
  });
});

describe("there and back", () => {
  const sources = ["", "x", "\n\nx\n", "%%bash\nls", "<!-- a -->\nx", "# a\nx", "## a", "ä → ✓ \t\r\n"];

  it.each<Origin>(["code", "markdown"])("a %s cell is the same again", (kind) => {
    for (const source of sources) {
      const prompt = asPrompt(source, kind);
      expect(isPromptSource(prompt)).toBe(true);
      expect(asPlain(prompt, kind)).toBe(source);
    }
  });

  it.each<Origin>(["code", "markdown"])("a %%chat cell as %s keeps its options", (kind) => {
    for (const first of ["%%chat -m demo -c b", "%%nbchat", "%%chat --system '--> <!-- #' -t 0.5"]) {
      for (const body of sources) {
        const prompt = `${first}\n${body}`;
        expect(asPrompt(asPlain(prompt, kind), kind)).toBe(prompt);
      }
    }
  });
});
