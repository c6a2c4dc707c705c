/** What concerns the chat as a whole: model, settings, clearing and download. */

import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Stage } from "../widget/stage";
import { CHAT_META, EMPTY, TALK } from "./chats";
import { acknowledge, box, button, chatStages, command, refuse } from "./stage";

const open = chatStages();

const focused = (stage: Stage) => stage.page.locator(":focus");

describe("the model picker", () => {
  const picker = (stage: Stage) => stage.root.getByRole("dialog", { name: "Choose the model" });
  const MODELS = ["gpt-5", "gpt-5-mini", "llama-4"];

  async function openPicker(stage: Stage): Promise<void> {
    await button(stage, "Model: gpt-5-mini").click();
    await picker(stage).getByRole("textbox").and(focused(stage)).waitFor();
  }

  it("asks for the models when it is first opened, and shows the chosen one", async () => {
    const stage = await open(EMPTY);
    await expect.poll(() => stage.sent()).toEqual([]);
    await openPicker(stage);
    await picker(stage).getByText("Loading models…").waitFor();
    await expect.poll(() => stage.sent()).toEqual(["models"]);
    await stage.receive({ t: "meta", seq: 2, meta: { ...CHAT_META, models: MODELS } });
    await picker(stage).getByRole("button", { name: "gpt-5-mini", pressed: true }).waitFor();
    await stage.page.keyboard.press("Escape");
    await openPicker(stage);
    await expect.poll(() => stage.sent()).toEqual(["models"]);
  });

  it("finds by part of the name, and chooses with the keyboard", async () => {
    const stage = await open({ ...EMPTY, meta: { ...CHAT_META, models: MODELS } });
    await openPicker(stage);
    await stage.page.keyboard.type("GPT-5");
    await expect
      .poll(() => picker(stage).getByRole("button").allTextContents())
      .toEqual(["gpt-5", "gpt-5-mini", "Use “GPT-5”"]);
    await stage.page.keyboard.press("ArrowDown");
    await stage.page.keyboard.press("ArrowDown");
    await stage.page.keyboard.press("Enter");
    expect(await command(stage, "set")).toEqual({ t: "command", n: 1, name: "set", model: "gpt-5-mini" });
    await acknowledge(stage, "set");
    await picker(stage).waitFor({ state: "hidden" });
    await button(stage, "Model: gpt-5-mini").and(focused(stage)).waitFor();
  });

  it.each([
    ["mini", "gpt-5-mini"],
    ["gpt", "gpt-5"],
    ["5-MINI ", "gpt-5-mini"],
    ["5", "5"],
    ["lama", "llama-4"],
    ["llama-4-scout", "llama-4-scout"],
  ])("takes with Enter what it marks: of %j it is %j", async (typed, model) => {
    const models = [...MODELS, "5"];
    const stage = await open({ ...EMPTY, meta: { ...CHAT_META, models } });
    await openPicker(stage);
    await stage.page.keyboard.type(typed);
    const marked = picker(stage).locator("[aria-keyshortcuts=Enter]");
    await expect
      .poll(() => marked.allTextContents())
      .toEqual([models.includes(model) ? model : `Use “${model}”`]);
    await stage.page.keyboard.press("Enter");
    expect(await command(stage, "set")).toMatchObject({ model });
  });

  it("still takes the typed name, which is the last of the list", async () => {
    const stage = await open({ ...EMPTY, meta: { ...CHAT_META, models: MODELS } });
    await openPicker(stage);
    await stage.page.keyboard.type("gpt");
    await stage.page.keyboard.press("ArrowUp");
    await stage.page.keyboard.press("Enter");
    expect(await command(stage, "set")).toMatchObject({ model: "gpt" });
  });

  it("takes any name", async () => {
    const stage = await open({
      ...EMPTY,
      meta: { ...CHAT_META, models_error: "The endpoint lists no models." },
    });
    await openPicker(stage);
    await picker(stage).getByText("The endpoint lists no models.").waitFor();
    await stage.page.keyboard.type("my/own-model");
    await stage.page.keyboard.press("Enter");
    expect(await command(stage, "set")).toMatchObject({ model: "my/own-model" });
  });

  it("is closed by Esc, which stops nothing", async () => {
    const stage = await open({ ...TALK, meta: { ...CHAT_META, busy: true, models: MODELS } });
    await openPicker(stage);
    await stage.page.keyboard.press("Escape");
    await picker(stage).waitFor({ state: "hidden" });
    await button(stage, "Model: gpt-5-mini").and(focused(stage)).waitFor();
    await expect.poll(() => stage.sent()).toEqual([]);
  });
});

describe("the settings", () => {
  async function unfold(stage: Stage): Promise<void> {
    await button(stage, "Settings").click();
  }

  it("are folded, show what holds, and are sent when they are left", async () => {
    const stage = await open({ ...EMPTY, meta: { ...CHAT_META, system: "Be terse.", temperature: 0.2 } });
    await expect.poll(() => stage.root.getByLabel("System prompt").count()).toBe(0);
    await unfold(stage);
    await expect.poll(() => stage.root.getByLabel("System prompt").inputValue()).toBe("Be terse.");
    await expect.poll(() => stage.root.getByLabel("Temperature").inputValue()).toBe("0.2");
    await stage.root.getByLabel("System prompt").fill("Be kind.");
    await stage.page.keyboard.press("Tab");
    expect(await command(stage, "set")).toMatchObject({ system: "Be kind." });
    await stage.root.getByLabel("Max tokens").fill("100");
    await stage.page.keyboard.press("Enter");
    expect(await command(stage, "set")).toMatchObject({ max_tokens: 100 });
    await stage.root.getByLabel("Temperature").fill("");
    await box(stage).focus();
    expect(await command(stage, "set")).toMatchObject({ temperature: null });
  });

  it("keep what is being typed when something else changes", async () => {
    const stage = await open(EMPTY);
    await unfold(stage);
    await stage.root.getByLabel("System prompt").pressSequentially("Be k");
    await stage.receive({ t: "meta", seq: 2, meta: { ...CHAT_META, busy: true } });
    await button(stage, "Stop").waitFor();
    await expect.poll(() => stage.root.getByLabel("System prompt").inputValue()).toBe("Be k");
  });

  it("show what Python made of them", async () => {
    const stage = await open(EMPTY);
    await unfold(stage);
    await stage.root.getByLabel("Temperature").fill("7");
    await stage.page.keyboard.press("Enter");
    await stage.receive({ t: "meta", seq: 2, meta: { ...CHAT_META, temperature: 2 } });
    await acknowledge(stage, "set");
    await expect.poll(() => stage.root.getByLabel("Temperature").inputValue()).toBe("2");
  });

  it("have the common parameters", async () => {
    const stage = await open(EMPTY);
    await unfold(stage);
    for (const [label, typed, sent] of [
      ["Top P", "0.9", { top_p: 0.9 }],
      ["Seed", "42", { seed: 42 }],
    ] as const) {
      await stage.root.getByLabel(label).fill(typed);
      await stage.page.keyboard.press("Enter");
      expect(await command(stage, "set")).toMatchObject(sent);
    }
    await stage.root.getByLabel("Reasoning effort").selectOption("low");
    await expect.poll(async () => command(stage, "set")).toMatchObject({ reasoning_effort: "low" });
    await stage.root.getByLabel("Reasoning effort").selectOption("default");
    await expect.poll(async () => command(stage, "set")).toMatchObject({ reasoning_effort: null });
  });

  it("are closed by Esc, which stops nothing and loses nothing that was typed", async () => {
    const stage = await open({ ...TALK, meta: { ...CHAT_META, busy: true } });
    await unfold(stage);
    await stage.root.getByLabel("System prompt").fill("Be kind.");
    await stage.page.keyboard.press("Escape");
    await stage.root.getByLabel("System prompt").waitFor({ state: "detached" });
    await button(stage, "Settings").and(focused(stage)).waitFor();
    expect(await command(stage, "set")).toMatchObject({ system: "Be kind." });
    expect(await stage.sent()).not.toContain("stop");
    await unfold(stage);
    await button(stage, "Settings").press("Escape");
    await stage.root.getByLabel("System prompt").waitFor({ state: "detached" });
  });

  it("say there why they were refused", async () => {
    const stage = await open(EMPTY);
    await unfold(stage);
    await stage.root.getByLabel("Max tokens").fill("0");
    await stage.page.keyboard.press("Enter");
    await refuse(stage, "set", "max_tokens must be at least 1.");
    await stage.root.getByText("max_tokens must be at least 1.").waitFor();
  });
});

describe("the chat", () => {
  it("is cleared, keeps the focus, and comes back", async () => {
    const stage = await open(TALK);
    await button(stage, "Clear the chat").focus();
    await stage.page.keyboard.press("Enter");
    await command(stage, "clear");
    await stage.receive(
      { t: "clear", seq: 2 },
      { t: "meta", seq: 3, meta: { ...CHAT_META, can_undo: true } },
    );
    await stage.root.getByText("What would you like to ask?").waitFor();
    await box(stage).and(focused(stage)).waitFor();
    await button(stage, "Undo").click();
    await command(stage, "undo");
  });

  it("has nothing to clear or to download while it is empty", async () => {
    const stage = await open(EMPTY);
    await expect.poll(() => button(stage, "Clear the chat").isDisabled()).toBe(true);
    await expect.poll(() => button(stage, "Download").isDisabled()).toBe(true);
  });

  it.each([
    ["Markdown, to read", "markdown", "chat.md"],
    ["JSON lines, to load again", "jsonl", "chat.jsonl"],
  ] as const)("is downloaded as %s", async (label, format, name) => {
    const stage = await open(TALK);
    await button(stage, "Download").click();
    await button(stage, label).click();
    expect(await command(stage, "download")).toMatchObject({ format });
    const download = stage.page.waitForEvent("download");
    await stage.answer("download", { name, text: "Grüße 👋\n" });
    const file = await download;
    expect(file.suggestedFilename()).toBe(name);
    expect(await readFile(await file.path(), "utf8")).toBe("Grüße 👋\n");
  });
});
