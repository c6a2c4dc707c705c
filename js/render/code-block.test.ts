import { afterEach, describe, expect, it, vi } from "vitest";
import { type InsertCode, MarkdownView } from "./index";
import { add, drawn, only, stream } from "./testing/drawing";

/** The highlighter is loaded for the first test that colours: a busy machine takes more than a second. */
const PATIENCE = { timeout: 15_000 };

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("a code block", () => {
  it("has its header from the first line of the fence", () => {
    const { root } = stream("```python\n", 0);
    expect(only(root, ".nbs-code-language").textContent).toBe("python");
    expect(only<HTMLButtonElement>(root, ".nbs-code-copy").type).toBe("button");
  });

  it.each([
    ["```", ""],
    ["``` {python}", "python"],
    ["```{.r}", "r"],
    ["```js title=x", "js"],
    ["~~~ c++ ", "c++"],
    ["```<img/src=x>", "<img/src=x>"],
  ])("named by %j is labelled %j", (fence, label) => {
    expect(only(drawn(`${fence}\nx`), ".nbs-code-language").textContent).toBe(label);
  });

  it("takes nothing from its name but the label", () => {
    const root = drawn('```x"onload=alert(1) class=y\ncode');
    expect(only(root, "pre code").attributes.length).toBe(0);
  });

  it.each([1, 2, 3, 5])("never shows its closing fence or the beginning of it in pieces of %i", (size) => {
    const text = "````py\ncode\n```\nmore\n````\n";
    for (let end = 1; end <= text.length; end++) {
      const shown = stream(text.slice(0, end), size).root.querySelector("code")?.textContent ?? "";
      expect("code\n```\nmore\n").toContain(shown);
      expect(shown.startsWith("code") || "code".startsWith(shown)).toBe(true);
    }
  });

  it("keeps its text in blocks of 32 lines, whatever the pieces", () => {
    const code = Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join("");
    for (const size of [1, 7, 0]) {
      const { root } = stream(`\`\`\`\n${code}`, size);
      const chunks = [...root.querySelectorAll(".nbs-chunk")];
      expect(chunks.map((chunk) => chunk.textContent?.split("\n").length)).toEqual([33, 33, 33, 5]);
      expect(only(root, "code").textContent).toBe(code);
    }
  });
});

describe("colouring", () => {
  it("comes when the fence has closed, and leaves the text as it is", async () => {
    const code = 'def f(x):\n    return "a<b" + x  # why\n';
    const view = stream(`\`\`\`python\n${code}`, 5);
    expect(view.root.querySelector("code span:not(.nbs-chunk)")).toBeNull();
    add(view, "```\n\nafter");
    await vi.waitFor(
      () => expect(view.root.querySelector(".nbs-hl-keyword")?.textContent).toBe("def"),
      PATIENCE,
    );
    expect(only(view.root, ".nbs-hl-string").textContent).toBe('"a<b"');
    expect(only(view.root, "code").textContent).toBe(code);
    const coloured = only(view.root, ".nbs-hl-comment");
    view.finish();
    expect(view.root.contains(coloured)).toBe(true);
  });

  it.each([
    "python",
    "javascript",
    "typescript",
    "bash",
    "json",
    "sql",
    "r",
    "yaml",
    "html",
    "cpp",
    "diff",
    "julia",
  ])("knows %s", async (language) => {
    const root = drawn(`\`\`\`${language}\n# x = "1" // <a b="c">\n+ select 1 if true: "k": [1.5]\n\`\`\``);
    await vi.waitFor(() => expect(root.querySelector("[class^=nbs-hl-]")).toBeTruthy(), PATIENCE);
  });

  it.each(["constructor", "__proto__", "no-such-language", "x".repeat(200)])(
    "leaves %s plain",
    async (language) => {
      const idle = vi.fn((task: () => void) => setTimeout(task, 0));
      vi.stubGlobal("requestIdleCallback", idle);
      const root = drawn(`\`\`\`${language}\nconst x = 1;\n\`\`\``);
      await vi.waitFor(() => expect(idle).toHaveBeenCalled(), PATIENCE);
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(only(root, "code").textContent).toBe("const x = 1;\n");
      expect(root.querySelector("[class^=nbs-hl-]")).toBeNull();
    },
  );

  const comments = (count: number) => `# ${"x".repeat(197)}\n`.repeat(count);

  it.each([
    [120, 100, 120],
    [1500, 100, 1000],
  ])(
    "takes the beginning of %i long lines, and more when they are unfolded",
    async (count, folded, unfolded) => {
      const code = comments(count);
      const root = drawn(`\`\`\`python\n${code}\`\`\``);
      const coloured = () => root.querySelectorAll(".nbs-hl-comment").length;
      await vi.waitFor(() => expect(coloured()).toBe(folded), PATIENCE);
      expect(only(root, "code").textContent).toBe(code);
      only<HTMLButtonElement>(root, ".nbs-code-unfold").click();
      await vi.waitFor(() => expect(coloured()).toBe(unfolded), PATIENCE);
      expect(only(root, "code").textContent).toBe(code);
    },
  );
});

describe("folding", () => {
  const lines = (count: number) => "x\n".repeat(count);
  const button = (root: Element) => only<HTMLButtonElement>(root, ".nbs-code-unfold");

  it("is for code of more than 30 lines, however it came", () => {
    for (const size of [1, 7, 0]) {
      expect(stream(`\`\`\`\n${lines(30)}`, size).root.querySelector(".nbs-code-unfold")).toBeNull();
      const { root } = stream(`\`\`\`\n${lines(31)}`, size);
      expect(button(root).textContent).toBe("Show all 31 lines");
      expect(only(root, ".nbs-code").classList).toContain("nbs-code-folded");
    }
  });

  it("is the reader's: code that they unfolded stays so when more comes, and when its fence closes", () => {
    const view = stream(`\`\`\`\n${lines(40)}`, 0);
    button(view.root).click();
    expect(button(view.root).getAttribute("aria-expanded")).toBe("true");
    add(view, lines(10));
    add(view, "```\n\nafter");
    view.finish();
    expect(only(view.root, ".nbs-code").classList).not.toContain("nbs-code-folded");
    expect(button(view.root).textContent).toBe("Show less");
    button(view.root).click();
    expect(button(view.root).textContent).toBe("Show all 50 lines");
    expect(button(view.root).getAttribute("aria-expanded")).toBe("false");
  });
});

describe("Insert below", () => {
  const shown = (text: string, insert?: InsertCode) => {
    const view = new MarkdownView(document.createElement("div"), { insert });
    view.reset(text, true);
    return [...view.root.querySelectorAll<HTMLButtonElement>(".nbs-code-insert")];
  };

  it("is absent where nothing can insert code", () => {
    expect(shown("```py\nx\n```")).toEqual([]);
  });

  it("inserts the exact source with its language, after a click only", () => {
    const insert = vi.fn(() => true);
    const [first, second] = shown("```py\na \u202e <c>\n\n```\n\n    d", insert);
    expect(insert).not.toHaveBeenCalled();
    first?.click();
    expect(insert).toHaveBeenCalledExactlyOnceWith(first?.closest(".nbs-code"), "py", "a \u202e <c>\n\n");
    expect(first?.textContent).toBe("Inserted");
    second?.click();
    expect(insert).toHaveBeenLastCalledWith(second?.closest(".nbs-code"), "", "d");
  });

  it("says that code was not inserted", () => {
    const [button] = shown("```\nx\n```", () => false);
    button?.click();
    expect(button?.textContent).toBe("Not inserted");
  });
});

describe("Copy", () => {
  it("gives the exact source, hidden characters and all", async () => {
    const writeText = vi.fn(async () => {});
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    const code = "a\tb \u202e <c>\n\n  d\n";
    const view = new MarkdownView(document.createElement("div"));
    view.reset(`\`\`\`\n${code}\`\`\``, true);
    const button = only<HTMLButtonElement>(view.root, "button");
    button.click();
    await vi.waitFor(() => expect(button.textContent).toBe("Copied"));
    expect(writeText).toHaveBeenCalledExactlyOnceWith(code);
  });
});
