/** Tool calls: what the model wants to run, and the reader's word on it. */

import { expect, it } from "vitest";
import { TOOLS, toolCall } from "./chats";
import { box, button, chatStages, command } from "./stage";

const open = chatStages();

it("shows each call with its state, and unfolds to arguments and result", async () => {
  const stage = await open(TOOLS);
  const row = stage.root.locator("details", { hasText: "weather" });
  await row.getByText("done").waitFor();
  expect(await row.getByRole("region", { name: "Result" }).isVisible()).toBe(false);
  await row.getByText("weather").click();
  expect(await row.getByRole("region", { name: "Arguments" }).textContent()).toBe(
    '{\n  "city": "Oslo",\n  "days": 3\n}',
  );
  expect(await row.getByRole("region", { name: "Result" }).textContent()).toContain("3 °C, light rain");
});

it("asks for approval with the arguments in sight", async () => {
  const stage = await open(TOOLS);
  await stage.root.getByText('"item": "umbrella"').waitFor();
  await button(stage, "Approve").focus();
  await stage.page.keyboard.press("Enter");
  expect(await command(stage, "approve")).toMatchObject({ id: "t5", call: "call-2", allow: true });
  await box(stage).and(stage.page.locator(":focus")).waitFor();
});

it("takes a refusal", async () => {
  const stage = await open(TOOLS);
  await button(stage, "Refuse").click();
  expect(await command(stage, "approve")).toMatchObject({ call: "call-2", allow: false });
  const tools = [
    toolCall({ id: "call-2", name: "add_to_list", state: "refused", result: "The user refused." }),
  ];
  await stage.receive({ t: "tools", seq: 2, id: "t5", tools });
  await stage.root.getByText("refused", { exact: true }).waitFor();
  expect(await button(stage, "Approve").count()).toBe(0);
});

it("shows arguments as the model writes them", async () => {
  const stage = await open(TOOLS);
  const writing = (text: string) => [toolCall({ arguments: text, state: "writing", result: null })];
  await stage.receive({ t: "tools", seq: 2, id: "t5", tools: writing('{"ci') });
  await stage.root.getByText("weather").click();
  await stage.receive({ t: "tools", seq: 3, id: "t5", tools: writing('{"city": "Os') });
  await stage.root.getByText('{"city": "Os', { exact: true }).waitFor();
});

it("draws nothing that a hostile tool or model writes", async () => {
  const stage = await open(TOOLS);
  const evil = '<img src="/beacon" onerror="fetch(\'/script\')">\u202e';
  const tools = [toolCall({ name: evil, arguments: evil, result: evil, state: "asking" })];
  await stage.receive({ t: "tools", seq: 2, id: "t5", tools });
  await expect.poll(() => stage.root.getByText("[U+202E]").count()).toBe(3);
  expect(await stage.root.locator("img, script").count()).toBe(0);
  expect(stage.requests).toEqual([]);
});
