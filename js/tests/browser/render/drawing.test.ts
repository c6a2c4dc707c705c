import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answers, EXAMPLES, random, randomDocument } from "../../../render/testing/documents";
import type * as Drawing from "./drawing";
import { Stage } from "./stage";

declare const drawing: typeof Drawing;

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});

afterAll(() => stage.close());

describe("in Chromium what has streamed is what is drawn at once", () => {
  const documents = {
    "the CommonMark examples": EXAMPLES.map((example) => example.markdown),
    "random documents": Array.from({ length: 300 }, (_, seed) => randomDocument(random(1000 + seed))),
    "long answers": answers(),
  };

  it.each(Object.entries(documents))(
    "%s",
    async (_, texts) => {
      for (const size of [1, 4, 0]) {
        const different = await stage.page.evaluate(
          ([texts, size]) => texts.filter((text) => drawing.streamed(text, size) !== drawing.atOnce(text)),
          [texts, size] as const,
        );
        expect(different).toEqual([]);
      }
    },
    180_000,
  );
});

describe("code", () => {
  const code = `${Array.from({ length: 120 }, (_, i) => `value_${i} = ${i}  # 😀`).join("\n")}\n`;

  it("is coloured after its fence, scrolls inside, and is copied exactly", async () => {
    await stage.page
      .context()
      .grantPermissions(["clipboard-read", "clipboard-write"], { origin: stage.origin });
    await stage.page.evaluate((text) => drawing.show(text, 400), `\`\`\`python\n${code}\`\`\`\n\nafter`);
    await stage.page.waitForSelector(".nbs-hl-comment");
    const pre = stage.page.locator("pre");
    await expect
      .poll(() => pre.evaluate((element) => element.scrollHeight > element.clientHeight))
      .toBe(true);
    await expect.poll(() => pre.evaluate((element) => element.scrollTop)).toBe(0);
    await stage.page.click("text=Copy");
    await stage.page.getByText("Copied").waitFor();
    await expect.poll(() => stage.page.evaluate(() => navigator.clipboard.readText())).toBe(code);
  });

  it("is followed to its end while it streams", async () => {
    const bottom = await stage.page.evaluate(async (text) => {
      const root = document.createElement("div");
      document.body.replaceChildren(root);
      const view = new drawing.MarkdownView(root);
      view.append(text);
      view.flush();
      const pre = root.querySelector("pre") as HTMLElement;
      const last = root.querySelector(".nbs-chunk:last-child") as HTMLElement;
      return last.getBoundingClientRect().bottom - pre.getBoundingClientRect().bottom;
    }, `\`\`\`python\n${code}`);
    expect(Math.abs(bottom)).toBeLessThan(20);
  });

  it("is copied without the Clipboard API too", async () => {
    const copied = await stage.page.evaluate(async () => {
      Object.defineProperty(navigator, "clipboard", { value: undefined, configurable: true });
      const { root } = await drawing.show("```\na\n\tb\n```", 0);
      let text = "";
      document.addEventListener("copy", () => {
        text = String((document.activeElement as HTMLTextAreaElement).value);
      });
      (root.querySelector("button") as HTMLButtonElement).click();
      return text;
    });
    expect(copied).toBe("a\n\tb\n");
  });
});

it("a selection lives through the rest of the stream", async () => {
  const selected = await stage.page.evaluate(async () => {
    const root = document.createElement("div");
    document.body.replaceChildren(root);
    const view = new drawing.MarkdownView(root);
    view.append("A first **bold** paragraph.\n\n- an item\n- and");
    view.flush();
    getSelection()?.selectAllChildren(root.querySelector("strong") as HTMLElement);
    for (const delta of [" another", " item\n\n", "```py\nx = 1\n", "```\n\n| a |\n|---|\n", "| b |\n"]) {
      view.append(delta);
      while (!view.flush()) await new Promise(requestAnimationFrame);
    }
    view.finish();
    return String(getSelection());
  });
  expect(selected).toBe("bold");
});

it("a line of ten million characters is drawn in pieces that the browser skips", async () => {
  const chunks = await stage.page.evaluate(() => {
    const root = document.createElement("div");
    document.body.replaceChildren(root);
    const view = new drawing.MarkdownView(root);
    view.reset("words without end ".repeat(560_000), true);
    return [...root.querySelectorAll(".nbs-chunk-full")].map(
      (chunk) => getComputedStyle(chunk).contentVisibility,
    );
  });
  expect(chunks.length).toBeGreaterThan(1000);
  expect(new Set(chunks)).toEqual(new Set(["auto"]));
});
