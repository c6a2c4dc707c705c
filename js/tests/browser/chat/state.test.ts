/** One state, whoever looks at it and whatever is lost on the way. */

import { expect, it } from "vitest";
import { answered, BUSY, CHAT_META, chat, EMPTY, TALK, turn } from "./chats";
import { acknowledge, box, button, chatStages } from "./stage";

const open = chatStages();

it("is the same in two views, and a draft belongs to one", async () => {
  const stage = await open(BUSY);
  await stage.page.evaluate(() => window.views.push(window.host.show()));
  await stage.receive({
    t: "frame-of",
    seq: 2,
    id: "t3",
    frame: { t: "frame", seq: 91, status: "finished", text: [61, "ere."] },
  });
  await expect.poll(() => stage.page.getByText("append every delta there.").count()).toBe(2);
  await box(stage).first().fill("Mine");
  await expect.poll(() => box(stage).last().inputValue()).toBe("");
  await stage.page.evaluate(() => window.views[0]?.());
  await expect.poll(() => stage.sent()).toEqual([]);
  await stage.page.evaluate(() => window.views[1]?.());
  await expect.poll(() => stage.sent()).toEqual(["gone"]);
});

it("is asked for again when a message is missing", async () => {
  const stage = await open(EMPTY);
  await stage.receive({ t: "turn", seq: 4, at: 1, turn: turn("t2", "Second") });
  await expect.poll(() => stage.sent()).toEqual(["resync"]);
  await stage.receive(
    { t: "snapshot", state: { ...chat([turn("t1", "First"), turn("t2", "Second")]), seq: 4 } },
    { t: "remove", seq: 5, id: "t2" },
  );
  await stage.root.getByText("You said: First").waitFor();
  await expect.poll(() => stage.root.getByText("You said: Second").count()).toBe(0);
});

it("is made good by the snapshot of a kernel that is reached again", async () => {
  const stage = await open(BUSY);
  const later = { ...chat([turn("t3", "Thank you.", { reply: answered("t3-1", "Later.") })]), seq: 40 };
  await stage.page.evaluate((snapshot) => window.host.restore(snapshot), later);
  await stage.root.getByText("Later.").waitFor();
});

it("changes without a new drawing of what stays", async () => {
  const stage = await open(TALK);
  const heading = stage.root.getByRole("heading", { name: "Streaming in three steps" });
  await heading.evaluate((element) => element.setAttribute("data-mark", ""));
  await stage.receive({ t: "snapshot", state: { ...TALK, seq: 9 } });
  await stage.receive({ t: "turn", seq: 10, at: 0, turn: turn("t0", "Before") });
  await stage.root.getByText("You said: Before").waitFor();
  await expect.poll(() => heading.getAttribute("data-mark")).toBe("");
});

it("announces to assistive technology when an answer comes and when it is complete", async () => {
  const stage = await open(EMPTY);
  const news = stage.page.locator(".nbs-announcements");
  const submitted = { ...answered("t1-1", ""), seq: 0, status: "submitted" } as const;
  await stage.receive({ t: "turn", seq: 2, at: 0, turn: turn("t1", "Hello", { reply: submitted }) });
  await expect.poll(() => news.textContent()).toBe("Responding…");
  await stage.receive({ t: "turn", seq: 3, at: 0, turn: turn("t1", "Hello") });
  await expect.poll(() => news.textContent()).toBe("Answer complete");
});

it("works in a shadow root, as marimo embeds it", async () => {
  const stage = await open(EMPTY);
  await stage.page.evaluate(() => {
    const host = document.createElement("div");
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    for (const { cssRules } of document.styleSheets)
      for (const rule of cssRules) if (rule.cssText.includes("nbs-")) sheet.insertRule(rule.cssText);
    root.adoptedStyleSheets = [sheet];
    document.querySelector("main")?.append(host);
    root.append(document.querySelector(".view") as Element);
  });
  await box(stage).fill("Hello");
  await stage.page.keyboard.press("Shift+Enter");
  await stage.page.keyboard.type("you");
  await stage.page.keyboard.press("Enter");
  await expect.poll(() => stage.commands()).toMatchObject([{ name: "send", text: "Hello\nyou" }]);
  await acknowledge(stage, "send");
  await stage.receive(
    { t: "turn", seq: 2, at: 0, turn: turn("t1", "Hello") },
    { t: "meta", seq: 3, meta: CHAT_META },
  );
  await stage.root.getByText("You said: Hello").waitFor();
  await button(stage, "Model: gpt-5-mini").click();
  await stage.root.getByRole("dialog").getByRole("textbox").fill("m");
  await stage.page.keyboard.press("Enter");
  await expect.poll(() => stage.sent()).toEqual(["send", "models", "set"]);
});
