import { describe, expect, it } from "vitest";
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

it("footnotes stay as written", () => {
  expect(drawn("A claim[^1].\n\n[^1]: The note says more.").textContent).toBe(
    "A claim[^1].[^1]: The note says more.",
  );
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
