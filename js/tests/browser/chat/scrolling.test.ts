/** Where the list of messages stands, and what is drawn of a long one. */

import { describe, expect, it } from "vitest";
import { ANSWER } from "../widget/replies";
import type { Stage } from "../widget/stage";
import { answered, CHAT_META, chat, turn } from "./chats";
import { box, button, chatStages, list } from "./stage";

const open = chatStages();

const LONG = chat(
  Array.from({ length: 12 }, (_, index) =>
    turn(`t${index}`, `Question ${index}`, { reply: answered(`r${index}`, ANSWER) }),
  ),
);
const STREAMING = chat([
  ...LONG.turns,
  turn("live", "And now?", { reply: { ...answered("live-1", ""), seq: 0, status: "streaming" } }),
]);

/** Distance of the list from its end, in CSS pixels. */
const left = (stage: Stage) =>
  list(stage).evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);

async function stream(stage: Stage, texts: string[]): Promise<void> {
  let offset = 0;
  for (const [index, text] of texts.entries()) {
    const frame = {
      t: "frame",
      seq: index + 1,
      status: "streaming",
      text: [offset, text] as [number, string],
    } as const;
    await stage.receive({ t: "frame-of", seq: index + 2, id: "live", frame });
    offset += text.length;
  }
}

const LINES = Array.from({ length: 40 }, (_, index) => `Line ${index}\n\n`);

async function scrollUp(stage: Stage, pixels = 100): Promise<void> {
  await list(stage).hover();
  await stage.page.mouse.wheel(0, -pixels);
  await button(stage, "Jump to latest").waitFor();
}

describe("the list", () => {
  it("opens at its end and follows the answer, without moving the page", async () => {
    const stage = await open(STREAMING, { context: { viewport: { width: 800, height: 300 } } });
    await expect.poll(() => left(stage)).toBeLessThan(1);
    await stream(stage, LINES);
    await stage.root.getByText("Line 39").waitFor();
    await expect.poll(() => left(stage)).toBeLessThan(1);
    await expect.poll(() => stage.page.evaluate(() => window.scrollY)).toBe(0);
  });

  it("stays with a reader who scrolled up, until they jump to the end", async () => {
    const stage = await open(STREAMING);
    await expect.poll(() => left(stage)).toBeLessThan(1);
    await scrollUp(stage);
    const before = await list(stage).evaluate((element) => element.scrollTop);
    await stream(stage, LINES);
    await expect.poll(() => left(stage)).toBeGreaterThan(500);
    await expect.poll(() => list(stage).evaluate((element) => element.scrollTop)).toBe(before);
    await button(stage, "Jump to latest").click();
    await stage.root.getByText("Line 39").waitFor();
    await expect.poll(() => left(stage)).toBeLessThan(1);
    await expect.poll(() => button(stage, "Jump to latest").count()).toBe(0);
  });

  it("goes to its end when the reader sends", async () => {
    const stage = await open(LONG);
    await scrollUp(stage, 600);
    await box(stage).fill("More");
    await stage.page.keyboard.press("Enter");
    await expect.poll(() => left(stage)).toBeLessThan(1);
    await stage.receive({ t: "turn", seq: 2, at: 12, turn: turn("new", "More") });
    await stage.root.getByText("You said: More").waitFor();
    await expect.poll(() => left(stage)).toBeLessThan(1);
  });

  it("brings a message that is edited into sight, and leaves the page alone", async () => {
    const stage = await open(LONG);
    await scrollUp(stage, 5000);
    await box(stage).focus();
    await stage.page.keyboard.press("ArrowUp");
    const editor = stage.root.getByRole("textbox", { name: "Edit message" });
    await editor.and(stage.page.locator(":focus")).waitFor();
    const hidden = async () => {
      const [outer, inner] = [await list(stage).boundingBox(), await editor.boundingBox()];
      if (!outer || !inner) throw new Error("The list or the editor is not drawn.");
      return inner.y < outer.y || inner.y + inner.height > outer.y + outer.height;
    };
    await expect.poll(hidden).toBe(false);
    await expect.poll(() => stage.page.evaluate(() => window.scrollY)).toBe(0);
  });

  it("grows with its content where the height is 0", async () => {
    const stage = await open(LONG, { height: 0 });
    await expect.poll(() => stage.root.evaluate((root) => root.clientHeight)).toBeGreaterThan(3000);
    await expect
      .poll(() => list(stage).evaluate((element) => element.scrollHeight - element.clientHeight))
      .toBe(0);
    await expect.poll(() => stage.page.evaluate(() => window.scrollY)).toBe(0);
  });
});

describe("ten thousand turns", () => {
  const TURNS = Array.from({ length: 10_000 }, (_, index) =>
    turn(`t${index}`, `Question ${index}`, { reply: answered(`r${index}`, `Answer **${index}**.`) }),
  );
  const drawn = (stage: Stage) => stage.root.getByRole("article").count();

  it.each([480, 0])("are drawn where the reader is, and only there (height %d)", async (height) => {
    const stage = await open(chat(TURNS), { height });
    const scrollTo = (share: number) =>
      list(stage).evaluate((element, share) => {
        const scroller = element.scrollHeight > element.clientHeight ? element : document.documentElement;
        scroller.scrollTop = scroller.scrollHeight * share;
      }, share);
    for (const share of [0, 0.5, 1]) {
      await scrollTo(share);
      await stage.root
        .getByText(share === 1 ? "Answer 9999." : share === 0 ? "Answer 0." : /^Answer 5\d\d\d\.$/)
        .first()
        .waitFor();
      await expect.poll(() => drawn(stage)).toBeLessThan(50);
    }
    await expect
      .poll(() => stage.page.evaluate(() => document.querySelectorAll("*").length))
      .toBeLessThan(3000);
  });

  it("are all there for who searches the page", async () => {
    const stage = await open(chat(TURNS));
    await stage.root.getByText("Answer 9999.").waitFor();
    await expect
      .poll(() => list(stage).evaluate((element) => element.textContent?.includes("Question 4321")))
      .toBe(true);
  });

  it("stay at hand while the last one is answered", async () => {
    const reply = { ...answered("live-1", ""), seq: 0, status: "streaming" } as const;
    const stage = await open(
      chat([...TURNS, turn("live", "And now?", { reply })], { ...CHAT_META, busy: true }),
    );
    await stream(stage, LINES);
    await stage.root.getByText("Line 39").waitFor();
    await expect.poll(() => left(stage)).toBeLessThan(1);
  });
});
