import { signal } from "@preact/signals";
import { render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it } from "vitest";
import { isTree, Tree } from "./Tree";

const TEXT = [
  "- **name**: Ada &#60;b&#62; &#42;x&#42;",
  "- **address**",
  "  - **zip**: a: &#124;",
  "  - **tags**",
  "    - **0**: [U+202E]\u202e ⚠ (Input should be valid)",
  "- ⚠ people: Field required",
].join("\n");

let host: HTMLElement;

beforeEach(() => {
  host = document.createElement("div");
});

describe("a tree", () => {
  it("draws texts as they are, and folds what has parts", () => {
    act(() => render(<Tree text={signal(TEXT)} open={signal("")} />, host));
    const items = [...host.querySelectorAll("li")].map((item) => item.firstElementChild?.localName);
    expect(items).toEqual(["b", "details", "b", "details", "b", undefined]);
    expect([...host.querySelectorAll("summary")].map(({ textContent }) => textContent?.trim())).toEqual([
      "address",
      "tags",
    ]);
    expect(host.querySelector("li")?.textContent).toBe("name: Ada <b> *x*");
    expect(host.querySelectorAll("li")[2]?.textContent).toBe("zip: a: |");
    expect(host.textContent).not.toContain("\u202e");
    expect([...host.querySelectorAll("b")].every(({ children }) => children.length === 0)).toBe(true);
  });

  it("marks what is still open, and keeps what the reader has folded", () => {
    const [text, open] = [signal("- **a**\n  - **b**: 1"), signal("  - **c**: tw…")];
    act(() => render(<Tree text={text} open={open} />, host));
    const folded = host.querySelector("details") as HTMLDetailsElement;
    folded.open = false;
    expect(host.querySelector(".nbs-open")?.textContent).toBe("c: tw…");
    act(() => {
      text.value += "\n  - **c**: two";
      open.value = "- **d**\n  - **e**: …";
    });
    expect([...host.querySelectorAll(".nbs-open")].map(({ textContent }) => textContent?.trim())).toEqual([
      "de: …",
      "e: …",
    ]);
    expect(host.querySelector("details")).toBe(folded);
    expect(folded.open).toBe(false);
  });

  it.each([
    ["", false],
    ["text\nof a failed answer", false],
    ["- **a**: 1\n".repeat(3000).trim(), false],
    [TEXT, true],
  ])("is only drawn of the list of an object (%#)", (text, expected) => {
    expect(isTree(text)).toBe(expected);
  });
});
