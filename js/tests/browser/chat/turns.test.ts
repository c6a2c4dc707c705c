/** What can be done with the turns of a chat. */

import { describe, expect, it } from "vitest";
import { ANSWER } from "../widget/replies";
import type { Stage } from "../widget/stage";
import { answered, BROKEN, BUSY, chat, TALK, turn } from "./chats";
import { acknowledge, box, button, chatStages, command, refuse } from "./stage";

const open = chatStages();

const article = (stage: Stage, index: number) => stage.root.getByRole("article").nth(index);
const editor = (stage: Stage) => stage.root.getByRole("textbox", { name: "Edit message" });

async function clipboard(stage: Stage): Promise<string> {
  return stage.page.evaluate(() => navigator.clipboard.readText());
}

const CLIPBOARD = { context: { permissions: ["clipboard-read", "clipboard-write"] } };

describe("an answer", () => {
  it("is generated again, and the focus goes to where the next message is written", async () => {
    const stage = await open(TALK);
    const regenerate = article(stage, 1).getByLabel("Regenerate");
    await regenerate.focus();
    await stage.page.keyboard.press("Enter");
    expect(await command(stage, "regenerate")).toEqual({ t: "command", n: 1, name: "regenerate", id: "t2" });
    await box(stage).and(stage.page.locator(":focus")).waitFor();
  });

  it("is not generated again while another one comes", async () => {
    const stage = await open(BUSY);
    await article(stage, 0).getByLabel("Regenerate").click({ force: true });
    await expect.poll(() => stage.sent()).toEqual([]);
  });

  it("of several versions says which is shown, and walks through them", async () => {
    const stage = await open(TALK);
    const versions = stage.root.getByRole("group", { name: "Version 2 of 2" });
    await versions.getByText("2/2").waitFor();
    await versions.getByLabel("Next version").click({ force: true });
    await expect.poll(() => stage.sent()).toEqual([]);
    await versions.getByLabel("Previous version").click();
    expect(await command(stage, "choose")).toMatchObject({ id: "t2", version: 0 });
    const reply = answered("t2-1", "An **older** answer.");
    await stage.receive({
      t: "turn",
      seq: 2,
      at: 1,
      turn: turn("t2", "Older words", { versions: 2, reply }),
    });
    await stage.root.getByText("An older answer.").waitFor();
    await stage.root.getByText("Older words").waitFor();
    await stage.root.getByRole("group", { name: "Version 1 of 2" }).waitFor();
    await expect.poll(() => stage.root.getByText("as it arrives").count()).toBe(0);
  });

  it("is copied as Markdown", async () => {
    const stage = await open(TALK, CLIPBOARD);
    await article(stage, 0).getByLabel("Copy as Markdown").click();
    await stage.root.getByLabel("Copied").waitFor();
    await expect.poll(() => clipboard(stage)).toBe(ANSWER);
  });

  it("has code that is copied by itself", async () => {
    const stage = await open(TALK, CLIPBOARD);
    await article(stage, 1).getByRole("button", { name: "Copy", exact: true }).click();
    await expect.poll(() => clipboard(stage)).toBe("async for text in chat.send(prompt):\n    print(text)\n");
  });

  it("that failed says why, and is tried again", async () => {
    const stage = await open(BROKEN);
    await stage.root.getByText("The connection ended before the answer was complete.").waitFor();
    await button(stage, "Retry").click();
    expect(await command(stage, "regenerate")).toMatchObject({ id: "t4" });
  });

  it("that was cut is continued where its endpoint has a way to", async () => {
    const stage = await open(BROKEN);
    await expect.poll(() => button(stage, "Continue").count()).toBe(0);
    const [cut] = BROKEN.turns;
    if (!cut) throw new Error("There is a turn.");
    const reply = { ...cut.reply, meta: { ...cut.reply.meta, continuable: true } };
    await stage.receive({ t: "turn", seq: 2, at: 0, turn: { ...cut, reply: { ...reply, id: "t4-2" } } });
    await button(stage, "Continue").click();
    expect(await command(stage, "continue")).toMatchObject({ id: "t4" });
  });

  it("to an earlier state of the conversation is marked, with what to do", async () => {
    const stage = await open(TALK);
    await article(stage, 1).getByText("An earlier turn changed").waitFor();
    await expect.poll(() => article(stage, 0).getByText("An earlier turn changed").count()).toBe(0);
    await article(stage, 1).getByRole("button", { name: "Regenerate" }).first().click();
    expect(await command(stage, "regenerate")).toMatchObject({ id: "t2" });
  });

  it("says there why a command about it was refused", async () => {
    const stage = await open(TALK);
    await article(stage, 0).getByLabel("Regenerate").click();
    await refuse(stage, "regenerate", "Another answer is on its way.");
    await article(stage, 0).getByText("Another answer is on its way.").waitFor();
  });
});

describe("a turn", () => {
  it("is deleted, and comes back", async () => {
    const stage = await open(TALK);
    await article(stage, 0).getByLabel("Delete turn").click();
    expect(await command(stage, "delete")).toMatchObject({ id: "t1" });
    await stage.receive(
      { t: "remove", seq: 2, id: "t1" },
      { t: "meta", seq: 3, meta: { ...TALK.meta, can_undo: true } },
    );
    await expect.poll(() => stage.root.getByRole("article").count()).toBe(1);
    await button(stage, "Undo").click();
    await command(stage, "undo");
    await stage.receive({ t: "snapshot", state: { ...TALK, seq: 4 } });
    await expect.poll(() => stage.root.getByRole("article").count()).toBe(2);
    await expect.poll(() => button(stage, "Undo").count()).toBe(0);
  });
});

describe("a message of the reader", () => {
  it("is shown as it was written, with its code as code", async () => {
    const text = "Why is `__init__` **not**\n    called?\n\n~~~python\nA()\n~~~";
    const stage = await open(chat([turn("t1", text)]));
    const said = stage.root.getByRole("region", { name: "You" });
    await expect
      .poll(() => said.locator(".nbs-plain").textContent())
      .toBe("Why is `__init__` **not**\n    called?");
    await expect.poll(() => said.locator("pre code").textContent()).toBe("A()\n");
  });

  it("is copied", async () => {
    const stage = await open(TALK, CLIPBOARD);
    await article(stage, 0).getByLabel("Copy message").click();
    await expect.poll(() => clipboard(stage)).toBe("How do I stream the answer of a chat model?");
  });

  it("is edited and sent again", async () => {
    const stage = await open(TALK);
    await article(stage, 0).getByLabel("Edit message").click();
    await editor(stage).and(stage.page.locator(":focus")).waitFor();
    await editor(stage).fill("How do I stop it?");
    await stage.page.keyboard.press("Enter");
    expect(await command(stage, "edit")).toMatchObject({ id: "t1", text: "How do I stop it?" });
    await acknowledge(stage, "edit");
    await editor(stage).waitFor({ state: "detached" });
    await box(stage).and(stage.page.locator(":focus")).waitFor();
  });

  it("is edited with the buttons, and a refusal keeps what was typed", async () => {
    const stage = await open(TALK);
    await article(stage, 0).getByLabel("Edit message").click();
    await editor(stage).fill("Changed");
    await button(stage, "Send again").click();
    await refuse(stage, "edit", "That message no longer exists.");
    await stage.root.getByText("That message no longer exists.").waitFor();
    await expect.poll(() => editor(stage).inputValue()).toBe("Changed");
    await button(stage, "Cancel").click();
    await stage.root.getByText("How do I stream the answer of a chat model?").waitFor();
  });

  it("is not sent again while an answer comes", async () => {
    const stage = await open(BUSY);
    await article(stage, 0).getByLabel("Edit message").click();
    await stage.page.keyboard.press("Enter");
    await expect.poll(() => button(stage, "Send again").getAttribute("aria-disabled")).toBe("true");
    await expect.poll(() => stage.sent()).toEqual([]);
  });
});

describe("long content", () => {
  const long = (words: string) => `${words}\n\n`.repeat(400);

  it("is folded, and shown when asked for", async () => {
    const stage = await open(
      chat([turn("t1", long("Asked."), { reply: answered("t1-1", long("Answered.")) })]),
    );
    const heights = () =>
      stage.root
        .locator(".nbs-bubble, .nbs-body")
        .evaluateAll((all) => all.map(({ clientHeight }) => clientHeight));
    expect(Math.max(...(await heights()))).toBeLessThan(1000);
    await button(stage, "Show all").first().click();
    await button(stage, "Show all").click();
    expect(Math.min(...(await heights()))).toBeGreaterThan(4000);
    await button(stage, "Show less").first().click();
    expect(Math.min(...(await heights()))).toBeLessThan(1000);
  });

  it("is not folded under the eyes of who saw it arrive", async () => {
    const stage = await open(BUSY);
    const reply = answered("t3-1", long("Answered."));
    await stage.receive({ t: "turn", seq: 2, at: 1, turn: turn("t3", "One sentence, please.", { reply }) });
    await button(stage, "Show less").waitFor();
  });
});
