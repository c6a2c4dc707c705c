import { afterEach, describe, expect, it, vi } from "vitest";
import { MarkdownView } from "./index";
import { add, atOnce, drawn, only, stream, tree } from "./testing/drawing";
import { pieces } from "./testing/pieces";

function view(): MarkdownView {
  return new MarkdownView(document.createElement("div"));
}

describe("MarkdownView", () => {
  it("draws nothing before flush", () => {
    const it = view();
    it.append("text");
    expect(it.root.textContent).toBe("");
    expect(it.flush()).toBe(true);
    expect(it.root.textContent).toBe("text");
  });

  it("keeps the exact source", () => {
    const it = stream("a\r\nb\rc\0\r", 1);
    it.finish();
    expect(it.source).toBe("a\r\nb\rc\0\r");
  });

  it.each([1, 2, 3])("takes a line end cut in two by pieces of %i for one", (size) => {
    const it = stream("a\r\n\r\nb\r\n- c\r\n- d\r\n", size);
    it.finish();
    expect(tree(it.root)).toBe(atOnce("a\n\nb\n- c\n- d\n"));
  });

  it("shows another text in place of the first", () => {
    const it = stream("# one\n\ntwo\n\n- three", 3);
    it.reset("one\n\n```\ncode", false);
    add(it, "\nmore\n```\n");
    it.finish();
    expect(it.source).toBe("one\n\n```\ncode\nmore\n```\n");
    expect(tree(it.root)).toBe(atOnce(it.source));
  });

  it.each([5, 1000])("draws lines that may still change behind rows in pieces of %i", (size) => {
    const text = `| a | b |\n| - | - |\n${"| 1 | 2 |\n".repeat(70)}| 3 | 4 |`;
    const it = new MarkdownView(document.createElement("div"));
    for (const piece of pieces(text, size)) {
      add(it, piece);
      it.preview(it.source.split("\n").length > 3 ? "\n| open | … |" : "");
    }
    const rows = () => [...it.root.querySelectorAll("tbody tr")].map((row) => row.textContent);
    expect([rows().length, rows().at(-1), it.root.hasAttribute("data-open")]).toEqual([72, "open…", true]);
    it.preview("\n| other | … |");
    expect([rows().length, rows().at(-1)]).toEqual([72, "other…"]);
    it.preview("");
    expect([rows().length, rows().at(-1), it.root.hasAttribute("data-open")]).toEqual([71, "34", false]);
    it.preview("\n| open | … |");
    it.finish();
    expect(tree(it.root)).toBe(atOnce(text));
  });

  it("keeps nodes that fit when the same text is set again", () => {
    const it = stream("# one\n\n- two\n- three\n\n```\ncode\n```", 0);
    const nodes = [...it.root.querySelectorAll("*")];
    it.reset(it.source, true);
    expect([...it.root.querySelectorAll("*")]).toEqual(nodes);
  });

  it("shows nothing for an empty text", () => {
    const it = stream("text", 0);
    it.reset("", false);
    expect(it.root.textContent).toBe("");
    add(it, "again");
    expect(it.root.textContent).toBe("again");
  });

  it("goes on after finish", () => {
    const it = stream("- a", 0);
    it.finish();
    add(it, "\n- b");
    it.finish();
    expect(tree(it.root)).toBe(atOnce("- a\n- b"));
  });

  describe("drawing that costs", () => {
    afterEach(() => vi.restoreAllMocks());

    /**
     * A view, and a function that draws in it at a time, at a cost (ms), and returns whether it was drawn.
     */
    function clocked(): { root: HTMLElement; draw: (text: string, at: number, cost: number) => boolean } {
      const now = vi.spyOn(performance, "now");
      const it = view();
      const draw = (text: string, at: number, cost: number) => {
        let reads = 0;
        now.mockImplementation(() => (reads++ < 2 ? at : at + cost));
        it.append(text);
        return it.flush();
      };
      return { root: it.root, draw };
    }

    it("rests when it is expensive, and draws all later", () => {
      const { root, draw } = clocked();
      expect(draw("one", 0, 60)).toBe(true);
      expect(draw(" two", 180, 1)).toBe(false);
      expect(root.textContent).toBe("one");
      expect(draw(" three", 192, 1)).toBe(true);
      expect(root.textContent).toBe("one two three");
    });

    it("does not rest for a single frame of 30 ms", () => {
      const { draw } = clocked();
      expect([draw("one", 0, 30), draw(" two", 33, 1)]).toEqual([true, true]);
    });

    it("takes less than a quarter of the time in the long run", () => {
      const { draw } = clocked();
      const frames = Array.from({ length: 600 }, (_, i) => i * 16);
      const cost = frames.filter((at) => draw("word ", at, 8)).length * 8;
      expect(cost / (600 * 16)).toBeLessThan(0.25);
      expect(cost / (600 * 16)).toBeGreaterThan(0.2);
    });

    it("never rests longer than a second", () => {
      const { draw } = clocked();
      draw("one", 0, 5000);
      expect(draw(" two", 6001, 1)).toBe(true);
    });
  });

  it("leaves an empty element behind", () => {
    const it = stream("text\n\n```\ncode", 0);
    it.dispose();
    expect(it.root.childNodes.length).toBe(0);
  });
});

describe("while an answer streams", () => {
  /** What is shown for each beginning of `text`. */
  function shown(text: string): string[] {
    const it = view();
    return [...text].map((character) => {
      add(it, character);
      return it.root.textContent ?? "";
    });
  }

  it.each([
    ["# Title\n", "#"],
    ["- item\n- next\n", "-"],
    ["* item\n", "*"],
    ["1. item\n", "1"],
    ["> quote\n", ">"],
    ["a **bold** b\n", "*"],
    ["a *em* and _em_ b\n", "*"],
    ["a `code` b\n", "`"],
    ["a ~~gone~~ b\n", "~"],
    ["```js\ncode\n```\n", "`"],
    ["| a | b |\n|---|---|\n| 1 | **2** |\n", "|"],
    ["| a | b |\n|---|---|\n| 1 | **2** |\n", "*"],
    ["Title\n=====\n", "="],
    ["Title\n---\n", "-"],
    ["a [link](https://example.com/) b\n", "["],
    ["a [link](https://example.com/) b\n", "]"],
    ["a ![alt](https://example.com/i.png) b\n", "!"],
    ["- [x] task\n", "["],
    ["$$\nx\n$$\n", "$"],
    ["\\[\nx\n\\]\n", "\\"],
    ["text\n\n[ref]: https://example.com\n", "["],
  ])("the markers of %j never flash: no %j", (text, marker) => {
    expect(shown(text).filter((state) => state.includes(marker))).toEqual([]);
  });

  it("emphasis is styled before it closes", () => {
    expect(only(stream("some **bold te", 3).root, "strong").textContent).toBe("bold te");
    expect(only(stream("some `code te", 3).root, "code").textContent).toBe("code te");
    expect(only(stream("| a |\n|---|\n| **bo", 3).root, "td strong").textContent).toBe("bo");
  });

  it("an image is asked for by a click alone, once its address is complete", () => {
    expect(stream("![alt](https://example.com/i.pn", 1).root.querySelector("button, img")).toBeNull();
    const root = drawn("![a chart](https://example.com/i.png)");
    const button = only<HTMLButtonElement>(root, ".nbs-image button");
    expect(button.textContent).toBe("a chart · Load image from example.com");
    expect(root.querySelector("img")).toBeNull();
    button.click();
    const image = only<HTMLImageElement>(root, "img");
    expect(image.getAttribute("src")).toBe("https://example.com/i.png");
    expect(image.referrerPolicy).toBe("no-referrer");
    expect(image.alt).toBe("a chart");
  });
});
