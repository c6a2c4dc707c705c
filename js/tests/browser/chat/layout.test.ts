/** Room, colours and the keyboard: what every reader can see and reach. */

import { describe, expect, it } from "vitest";
import type { Stage } from "../widget/stage";
import { EMPTY, TALK } from "./chats";
import { box, button, chatStages } from "./stage";
import { STATES } from "./states";

const open = chatStages();

/** The names of the controls that Tab reaches, from the first one on, until it leaves the chat. */
async function tabStops(stage: Stage): Promise<string[]> {
  const stops: string[] = [];
  for (;;) {
    await stage.page.keyboard.press("Tab");
    const name = await stage.page.evaluate(() => {
      const { activeElement } = document;
      if (!activeElement?.closest(".nbstream")) return null;
      return activeElement.getAttribute("aria-label") ?? activeElement.textContent;
    });
    if (name === null) return stops;
    stops.push(name);
  }
}

describe("at 300 pixels", () => {
  it.each(Object.entries(STATES))("nothing sticks out while %s", async (_, { snapshot, prepare }) => {
    const stage = await open(snapshot, { context: { viewport: { width: 332, height: 560 } } });
    await prepare?.(stage);
    const outside = await stage.root.evaluate((root) => {
      const parts = [
        document.documentElement,
        ...root.querySelectorAll("button, textarea, input, .nbs-bubble"),
      ];
      return parts
        .filter((part) => part.scrollWidth > innerWidth || part.getBoundingClientRect().right > innerWidth)
        .map((part) => part.className);
    });
    expect(outside).toEqual([]);
  });
});

describe("with the keyboard alone", () => {
  it("everything is reached, in the order in which it is seen", async () => {
    const stage = await open(TALK);
    const stops = await tabStops(stage);
    expect(stops.slice(0, 4)).toEqual(["Download", "Clear the chat", "Settings", "Conversation"]);
    expect(stops.slice(-4)).toEqual(["Message", "Attach an image", "Model: gpt-5-mini", "Send"]);
    const between = stops.slice(4, -4);
    for (const name of ["Copy message", "Edit message", "Copy as Markdown", "Regenerate", "Delete turn"])
      expect(between.filter((stop) => stop === name).length).toBeGreaterThanOrEqual(2);
    expect(between).toContain("Previous version");
  });

  it("Esc leads from anywhere to where messages are written", async () => {
    const stage = await open(TALK);
    await button(stage, "Regenerate").first().focus();
    await stage.page.keyboard.press("Escape");
    await box(stage).and(stage.page.locator(":focus")).waitFor();
    await expect.poll(() => stage.sent()).toEqual([]);
  });
});

describe("the box", () => {
  it("grows with its text, up to a limit", async () => {
    const stage = await open(EMPTY);
    const height = () => box(stage).evaluate((area) => area.parentElement?.clientHeight ?? 0);
    const empty = await height();
    await box(stage).fill("one\ntwo\nthree");
    const three = await height();
    expect(three).toBeGreaterThan(empty + 30);
    await box(stage).fill("line\n".repeat(200));
    await expect.poll(() => height()).toBeLessThan(300);
    await box(stage).fill("");
    await expect.poll(() => height()).toBe(empty);
  });
});
