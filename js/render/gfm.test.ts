import { describe, expect, it } from "vitest";
import { asCommonMark } from "./testing/commonmark";
import { drawn, only, tree } from "./testing/drawing";

describe("tables", () => {
  const root = drawn("| a | b | c |\n|:--|:-:|--:|\n| 1 | **2** | 3 |\n| 4 |");

  it("have a head and a body", () => {
    expect([...root.querySelectorAll("thead th")].map((cell) => cell.textContent)).toEqual(["a", "b", "c"]);
    expect([...root.querySelectorAll("tbody tr")].map((row) => row.children.length)).toEqual([3, 3]);
    expect(only(root, "td strong").textContent).toBe("2");
  });

  it("align by class, never by style", () => {
    expect([...root.querySelectorAll("tbody tr:first-child td")].map((cell) => cell.className)).toEqual([
      "nbs-left",
      "nbs-center",
      "nbs-right",
    ]);
    expect(root.querySelector("[style], [align]")).toBeNull();
  });

  it("scroll in a frame that the keyboard reaches", () => {
    expect(only(root, "div.nbs-table[tabindex='0'] > table")).toBeTruthy();
  });
});

describe("task lists", () => {
  const root = drawn("- [x] done\n- [ ] open\n- plain [x]");

  it("have a box that tells its state", () => {
    expect([...root.querySelectorAll(".nbs-box")].map((box) => box.getAttribute("aria-label"))).toEqual([
      "Done:",
      "To do:",
    ]);
    expect([...root.querySelectorAll("li")].map((item) => item.className)).toEqual([
      "nbs-task-item",
      "nbs-task-item",
      "",
    ]);
  });

  it("hold no form control", () => {
    expect(root.querySelector("input, form, select, textarea")).toBeNull();
  });
});

describe("lists", () => {
  it("keep their first number and their nesting", () => {
    const root = drawn("3. three\n4. four\n   - inner\n     > quoted");
    expect(only(root, "ol").getAttribute("start")).toBe("3");
    expect(only(root, "ol > li > ul > li > blockquote").textContent).toBe("quoted");
  });

  it("are loose if a blank line is between items", () => {
    expect(only(drawn("- a\n\n- b"), "ul").className).toBe("nbs-loose");
    expect(only(drawn("- a\n- b"), "ul").className).toBe("");
  });
});

describe("links", () => {
  it("open apart, tell nothing and show their host", () => {
    const link = only(drawn("[the docs](https://example.com/a)"), "a");
    expect(link.getAttribute("target")).toBe("_blank");
    expect(link.getAttribute("rel")).toBe("noopener noreferrer nofollow");
    expect(link.getAttribute("referrerpolicy")).toBe("no-referrer");
    expect(link.nextElementSibling?.textContent).toBe(" (example.com)");
  });

  it("do not repeat a host that they show", () => {
    expect(drawn("[example.com/a](https://example.com/a) and https://example.com/b").textContent).toBe(
      "example.com/a and https://example.com/b",
    );
  });

  it("are made of bare URLs", () => {
    const root = drawn("See https://example.com/a_b_(c). Or (http://example.org)!");
    expect([...root.querySelectorAll("a")].map((link) => link.getAttribute("href"))).toEqual([
      "https://example.com/a_b_(c)",
      "http://example.org/",
    ]);
  });

  it("do not nest", () => {
    expect(drawn("[a <https://inner.example> b](https://outer.example)").querySelector("a a")).toBeNull();
  });

  it("are resolved before they are judged", () => {
    const root = drawn("[text][ref]\n\n[ref]: javascript:alert(1)");
    expect(root.querySelector("a")).toBeNull();
    expect(only(root, ".nbs-refused").textContent).toBe("text");
  });
});

it("strikethrough is a deletion", () => {
  expect(only(drawn("~~gone~~"), "del").textContent).toBe("gone");
});

describe("footnotes", () => {
  it("are small numbers, and the notes stay where they were written", () => {
    const root = drawn("A claim[^1] and [^12].\n\n[^1]: The note says more.\n[^12]: Word");
    expect(asCommonMark(root)).toBe(
      "<p>A claim<sup>[1]</sup> and <sup>[12]</sup>.</p><p><sup>[1]</sup> The note says more.\n" +
        "<br><sup>[12]</sup> Word</p>",
    );
  });

  it.each(["[^1]: Word", "[^1]: https://example.com", "[^note]: Word", "[Note]: done", "[Note]: done!"])(
    "%j is seen, and defines nothing",
    (text) => {
      const { textContent } = drawn(`see [Note]\n\n${text}`);
      expect(textContent).toContain(text.split(": ")[1]);
      expect(textContent).toContain("see [Note]");
    },
  );

  it.each(["[^a-z]", "`[^1]`", "[^1](https://example.com)"])("%j is none", (text) => {
    expect(drawn(text).querySelector("sup")).toBeNull();
  });
});

describe("tags that models write", () => {
  it.each([
    ["one<br>two<BR/>three<br />four", "one<br>two<br>three<br>four"],
    ["H<sub>2</sub>O, x<sup>2</sup>", "H<sub>2</sub>O, x<sup>2</sup>"],
    ["<kbd>Ctrl</kbd>+<KBD>C</KBD>", "<kbd>Ctrl</kbd>+<kbd>C</kbd>"],
    ["<u>a</u> <mark>b</mark> <b>c</b> <i>d</i>", "<u>a</u> <mark>b</mark> <strong>c</strong> <em>d</em>"],
    ["<b>one\ntwo</b>", "<strong>one\ntwo</strong>"],
    ["<b>a <b>b</b> c</b> <b>d", "<strong>a <strong>b</strong> c</strong> &lt;b&gt;d"],
    ["<b>a *b* <i>c</i></b>", "<strong>a <em>b</em> <em>c</em></strong>"],
    ["*a <b>b* c</b>", "*a <strong>b* c</strong>"],
    ["[a <b>b</b>](javascript:x)", "<a>a <strong>b</strong></a>"],
  ])("%j is drawn as %j", (text, html) => {
    expect(asCommonMark(drawn(text))).toContain(html);
  });

  it.each([
    "<b onclick=x>b</b>",
    "<b>",
    "</b>",
    "<b>\ntwo</b>",
    "<b></b>",
    "<script>b</script>",
    "`<b>b</b>`",
    "<b >b</b>",
  ])("%j is text", (text) => {
    expect(drawn(text).querySelector("b, strong, script, [onclick]")).toBeNull();
    expect(drawn(text).textContent).toContain(text.replaceAll("`", "").slice(0, 3));
  });

  it("that fold show what they hold, their summary in bold", () => {
    const root = drawn("<details>\n<summary>More</summary>\n\n- a\n\n</details>\nafter");
    expect(only(root, "p > strong").textContent).toBe("More");
    expect(root.textContent).toBe("Moreaafter");
  });

  it("do not nest without end", () => {
    const root = drawn(`${"<b>".repeat(5000)}x${"</b>".repeat(5000)}`);
    expect(root.querySelectorAll("strong")).toHaveLength(12);
    expect(root.textContent).toHaveLength(4988 * 7 + 1);
    expect(drawn("<b>".repeat(10_000)).textContent).toHaveLength(30_000);
  });
});

describe("Chinese, Japanese and Korean", () => {
  it.each([
    ["这是**重要（务必）。**请注意，含**「重点」**内容。", ["重要（务必）。", "「重点」"]],
    ["* **步骤：**先保存", ["步骤："]],
    ["**この文は太字（テスト）。**続き。", ["この文は太字（テスト）。"]],
    ["**이것은 강조(참고)**입니다", ["이것은 강조(참고)"]],
    ["使用**`code`**命令", ["code"]],
    ["他说**“你好”**。", ["“你好”"]],
    ["2 ** 3 和 a*b", []],
  ])("%j has in bold %j", (text, bold) => {
    expect([...drawn(text).querySelectorAll("strong")].map((node) => node.textContent)).toEqual(bold);
  });

  it("end a bare URL", () => {
    const root = drawn(
      "请访问https://example.com/docs（中文说明）了解，见 https://example.com/b。“https://example.com/c”",
    );
    expect([...root.querySelectorAll("a")].map((link) => link.textContent)).toEqual([
      "https://example.com/docs",
      "https://example.com/b",
      "https://example.com/c",
    ]);
  });
});

describe("rows of a table lose nothing", () => {
  it.each([
    ["| `a | b` | or |", ["a | b", "or"]],
    ["| `a \\| b` | or |", ["a | b", "or"]],
    ["| a | b | c |", ["a", "b | c"]],
    ["| ` | ` |", ["`", "`"]],
    ["| a |", ["a", ""]],
    ["|| b |", ["", "b"]],
  ])("%j has the cells %j", (row, cells) => {
    const root = drawn(`| op | meaning |\n|---|---|\n${row}\n| last | row |`);
    const drawnCells = [...root.querySelectorAll("tbody td")].map((cell) => cell.textContent);
    expect(drawnCells).toEqual([...cells, "last", "row"]);
  });
});

describe("direction", () => {
  it("is that of the first letter, for every block", () => {
    const root = drawn("# שלום\n\nمرحبا\n\n- א\n- ב\n\n> ג\n\n| א |\n|---|\n| ב |\n\n1. a");
    const asking = [...root.querySelectorAll("[dir=auto]")].map((block) => block.localName);
    expect(asking).toEqual(["h1", "p", "ul", "blockquote", "table", "ol"]);
  });
});

it("blocks nested without end lose no text", () => {
  for (const marker of ["- ", "> ", "1. "]) {
    expect(drawn(`${marker.repeat(30_000)}the end`).textContent).toContain("the end");
  }
});

it("raw HTML is text", () => {
  const root = drawn("<b onclick=x>bold</b>\n\n<script>alert(1)</script>");
  expect(root.textContent).toBe("<b onclick=x>bold</b><script>alert(1)</script>");
  expect(root.querySelector("b, script")).toBeNull();
});

it("headings one to six keep their rank", () => {
  const root = drawn("# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6\n\nA\n===\n\nB\n---");
  expect([...root.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((h) => h.localName).join(" ")).toBe(
    "h1 h2 h3 h4 h5 h6 h1 h2",
  );
  expect(tree(root)).not.toContain("id=");
});
