/** Writing a message, sending it, and stopping the answer. */

import { describe, expect, it } from "vitest";
import type { Frame } from "../../../core/protocol";
import { META } from "../widget/replies";
import type { Stage } from "../widget/stage";
import { answered, BUSY, CHAT_META, EMPTY, TALK, turn } from "./chats";
import { acknowledge, box, button, chatStages, command, refuse } from "./stage";

const open = chatStages();

/** Keys that reached the notebook around the chat. */
async function listen(stage: Stage): Promise<() => Promise<string[]>> {
  await stage.page.evaluate(() => {
    const keys: string[] = [];
    document.addEventListener("keydown", ({ key }) => {
      keys.push(key);
      document.body.dataset.keys = JSON.stringify(keys);
    });
  });
  return async () => JSON.parse((await stage.page.evaluate(() => document.body.dataset.keys)) ?? "[]");
}

describe("a message", () => {
  it("is sent by Enter, and Shift+Enter is a new line", async () => {
    const stage = await open(EMPTY);
    await box(stage).fill("one");
    await stage.page.keyboard.press("Shift+Enter");
    await stage.page.keyboard.type("two");
    await expect.poll(() => stage.sent()).toEqual([]);
    await stage.page.keyboard.press("Enter");
    expect(await command(stage, "send")).toEqual({
      t: "command",
      n: 1,
      name: "send",
      text: "one\ntwo",
      images: [],
    });
    await expect.poll(() => box(stage).inputValue()).toBe("");
  });

  it("is sent by the button", async () => {
    const stage = await open(EMPTY);
    await box(stage).fill("Hello");
    await button(stage, "Send").click();
    expect(await command(stage, "send")).toMatchObject({ text: "Hello" });
  });

  it("of nothing but white space is not sent", async () => {
    const stage = await open(EMPTY);
    await box(stage).fill("  \n ");
    await stage.page.keyboard.press("Enter");
    await expect.poll(() => button(stage, "Send").getAttribute("aria-disabled")).toBe("true");
    await expect.poll(() => stage.sent()).toEqual([]);
  });

  it("is not sent by the Enter of an input method", async () => {
    const stage = await open(EMPTY);
    await box(stage).fill("にほん");
    await box(stage).dispatchEvent("keydown", { key: "Enter", isComposing: true });
    await box(stage).dispatchEvent("keydown", { key: "Enter", keyCode: 229 });
    await expect.poll(() => stage.sent()).toEqual([]);
    await box(stage).dispatchEvent("keydown", { key: "Enter", keyCode: 13 });
    await expect.poll(() => stage.sent()).toEqual(["send"]);
  });

  it("comes back into the box when it is refused, with the reason", async () => {
    const stage = await open(EMPTY);
    await box(stage).fill("Hello");
    await stage.page.keyboard.press("Enter");
    await refuse(stage, "send", "Set an API key first.");
    await stage.root.getByText("Set an API key first.").waitFor();
    await expect.poll(() => box(stage).inputValue()).toBe("Hello");
  });

  it("that is refused does not overwrite what was begun since", async () => {
    const stage = await open(EMPTY);
    await box(stage).fill("Hello");
    await stage.page.keyboard.press("Enter");
    await box(stage).fill("Something else");
    await refuse(stage, "send", "Not now.");
    await stage.root.getByText("Not now.").waitFor();
    await expect.poll(() => box(stage).inputValue()).toBe("Something else");
  });

  it("that the kernel does not take is explained, until it does", async () => {
    const stage = await open(EMPTY, { frozen: true });
    await box(stage).fill("Hello");
    await stage.page.keyboard.press("Enter");
    await stage.page.clock.runFor(3000);
    await stage.root.getByText("The kernel has not responded yet.").waitFor();
    await acknowledge(stage, "send");
    await stage.root.getByText("The kernel has not responded yet.").waitFor({ state: "detached" });
  });

  it("appears with its answer as Python tells it", async () => {
    const stage = await open(EMPTY);
    await stage.root.getByText("What would you like to ask?").waitFor();
    const reply = { ...answered("t1-1", ""), status: "submitted", seq: 0, meta: META } as const;
    await stage.receive(
      { t: "meta", seq: 2, meta: { ...CHAT_META, busy: true } },
      { t: "turn", seq: 3, at: 0, turn: turn("t1", "Hello", { reply }) },
      {
        t: "frame-of",
        seq: 4,
        id: "t1",
        frame: { t: "frame", seq: 1, status: "streaming", text: [0, "He"] },
      },
      {
        t: "frame-of",
        seq: 5,
        id: "t1",
        frame: { t: "frame", seq: 2, status: "streaming", text: [2, "y **you**"] },
      },
    );
    await stage.root.getByText("Hey you").waitFor();
    await stage.receive(
      { t: "turn", seq: 6, at: 0, turn: turn("t1", "Hello", { reply: answered("t1-1", "Hey **you**!") }) },
      { t: "meta", seq: 7, meta: CHAT_META },
    );
    await stage.root.getByText("Hey you!").waitFor();
    await stage.root.getByText("312 tokens (25 in)").waitFor();
    await expect.poll(() => stage.root.getByText("What would you like to ask?").count()).toBe(0);
  });
});

describe("while an answer comes", () => {
  it("the draft stays, and Enter does not send it", async () => {
    const stage = await open(BUSY);
    await box(stage).fill("And then");
    await stage.page.keyboard.press("Enter");
    const frame: Frame = { t: "frame", seq: 91, status: "streaming", text: [61, "ere"] };
    await stage.receive({ t: "frame-of", seq: 2, id: "t3", frame });
    await stage.root.getByText("append every delta there").waitFor();
    await expect.poll(() => box(stage).inputValue()).toBe("And then");
    await expect.poll(() => stage.sent()).toEqual([]);
  });

  it("Stop stands where Send was, and gives its place back with the focus", async () => {
    const stage = await open(BUSY);
    await button(stage, "Stop").focus();
    await stage.page.keyboard.press("Enter");
    await button(stage, "Stopping…").waitFor();
    await expect.poll(() => stage.sent()).toEqual(["stop"]);
    await acknowledge(stage, "stop");
    await stage.receive({ t: "meta", seq: 2, meta: CHAT_META });
    await button(stage, "Send").and(stage.page.locator(":focus")).waitFor();
  });

  it("Esc stops it, from anywhere in the chat", async () => {
    const stage = await open(BUSY);
    await box(stage).focus();
    await stage.page.keyboard.press("Escape");
    await expect.poll(() => stage.sent()).toEqual(["stop"]);
  });

  it("Stop can be used again for the next answer", async () => {
    const stage = await open(BUSY);
    await button(stage, "Stop").click();
    await acknowledge(stage, "stop");
    await stage.receive({ t: "meta", seq: 2, meta: CHAT_META }, { t: "meta", seq: 3, meta: BUSY.meta });
    await button(stage, "Stop").click();
    await expect.poll(() => stage.sent()).toEqual(["stop", "stop"]);
  });

  it("Stop that the kernel does not hear interrupts it", async () => {
    const stage = await open(BUSY, { frozen: true });
    await button(stage, "Stop").click();
    await stage.page.clock.runFor(700);
    await expect
      .poll(() => stage.requests.map(({ path }) => path))
      .toEqual(["/lab/api/kernels/0b3c-kernel/interrupt"]);
  });

  it("Stop that nobody hears says what to do", async () => {
    const stage = await open(BUSY, { frozen: true, jupyter: false });
    await button(stage, "Stop").click();
    await stage.page.clock.runFor(700);
    await stage.root.getByText("The kernel did not respond to Stop.").waitFor();
  });
});

describe("the keyboard", () => {
  it("does not reach the notebook", async () => {
    const stage = await open(TALK);
    const keys = await listen(stage);
    await box(stage).focus();
    for (const key of ["d", "d", "Enter", "Shift+Enter", "Escape", "Control+Enter"])
      await stage.page.keyboard.press(key);
    await button(stage, "Settings").focus();
    await stage.page.keyboard.press("Shift+Enter");
    await expect.poll(() => keys()).toEqual([]);
    await stage.page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await stage.page.keyboard.press("j");
    await expect.poll(() => keys()).toEqual(["j"]);
  });

  it("edits the last message with ↑ in the empty box, and only there", async () => {
    const stage = await open(TALK);
    await box(stage).fill("draft");
    await stage.page.keyboard.press("ArrowUp");
    await expect.poll(() => stage.root.getByLabel("Edit message").getByRole("textbox").count()).toBe(0);
    await box(stage).fill("");
    await stage.page.keyboard.press("ArrowUp");
    const editor = stage.root.getByRole("textbox", { name: "Edit message" });
    await expect.poll(() => editor.inputValue()).toMatch(/^And what does this do\?/);
    await editor.and(stage.page.locator(":focus")).waitFor();
    await stage.page.keyboard.press("Escape");
    await box(stage).and(stage.page.locator(":focus")).waitFor();
    await expect.poll(() => editor.count()).toBe(0);
  });
});
