/** Tool calls: what the model wants to run, and the user's decision. */

import { beforeEach, expect, it } from "vitest";
import type { ToolPatch } from "../../../core/protocol";
import { toolPatch } from "../widget/replies";
import type { Stage } from "../widget/stage";
import { TOOLS } from "./chats";
import { box, button, chatStages, command } from "./stage";

const open = chatStages();

let seq = TOOLS.seq;

/** A frame of the answer that calls the tools. */
async function receive(stage: Stage, ...tools: ToolPatch[]): Promise<void> {
  seq += 1;
  const frame = { t: "frame" as const, seq: 90 + seq, status: "streaming" as const, tools };
  await stage.receive({ t: "frame-of", seq, id: "t5", frame });
}

beforeEach(() => {
  seq = TOOLS.seq;
});

it("shows each call with its state, and unfolds to arguments and result", async () => {
  const stage = await open(TOOLS);
  const row = stage.root.locator("details", { hasText: "weather" });
  await row.getByText("done").waitFor();
  await expect.poll(() => row.getByRole("region", { name: "Result" }).isVisible()).toBe(false);
  await row.getByText("weather").click();
  await expect
    .poll(() => row.getByRole("region", { name: "Arguments" }).textContent())
    .toBe('{\n  "city": "Oslo",\n  "days": 3\n}');
  await expect
    .poll(() => row.getByRole("region", { name: "Result" }).textContent())
    .toContain("3 °C, light rain");
});

it("asks for approval with the arguments in sight", async () => {
  const stage = await open(TOOLS);
  await stage.root.locator(".nbs-raw").getByText('"item": "umbrella"').waitFor();
  await button(stage, "Approve").focus();
  await stage.root.locator(".nbs-primary[aria-disabled=false]").waitFor();
  await stage.page.keyboard.press("Enter");
  const answers = { id: "t5", reply: expect.any(String), call: "call-2", allow: true };
  expect(await command(stage, "approve")).toMatchObject(answers);
  await box(stage).and(stage.page.locator(":focus")).waitFor();
});

it("takes no press that came before the question was in sight", async () => {
  const stage = await open(TOOLS, { frozen: true });
  const asking = { id: "call-4", name: "again", state: "asking", arguments: "{}", result: null } as const;
  await receive(stage, toolPatch(3, { ...asking, shown: [] }));
  const approve = stage.root
    .locator("details", { hasText: "again" })
    .getByRole("button", { name: "Approve" });
  await approve.focus();
  await stage.page.keyboard.down("Enter");
  const isInert = async () => {
    await stage.page.clock.runFor(500); // counted from when the browser says that the button is in sight
    return approve.getAttribute("aria-disabled");
  };
  await expect.poll(isInert).toBe("false");
  await stage.page.keyboard.down("Enter"); // held down, it repeats
  expect(await stage.sent()).not.toContain("approve");
  await stage.page.keyboard.up("Enter");
  await stage.page.keyboard.press("Enter");
  expect(await command(stage, "approve")).toMatchObject({ call: "call-4", allow: true });
});

it("takes a refusal", async () => {
  const stage = await open(TOOLS);
  await button(stage, "Refuse").click();
  expect(await command(stage, "approve")).toMatchObject({ call: "call-2", allow: false });
  const refused = { id: "call-2", name: "add_to_list", state: "refused", result: "Refused." } as const;
  await receive(stage, toolPatch(1, refused, 20));
  await stage.root.getByText("refused", { exact: true }).waitFor();
  await expect.poll(() => button(stage, "Approve").count()).toBe(0);
});

it("shows arguments as the model writes them", async () => {
  const stage = await open(TOOLS);
  const writing = { id: "call-4", name: "forecast", state: "writing", result: null } as const;
  await receive(stage, toolPatch(3, { ...writing, arguments: '{"ci' }));
  const row = stage.root.locator("details", { hasText: "forecast" });
  await row.getByText('{"ci', { exact: true }).first().waitFor();
  await row.getByText("forecast").click();
  await receive(stage, toolPatch(3, { ...writing, arguments: 'ty": "Os' }, 4));
  await row.getByRole("region", { name: "Arguments" }).getByText('{"city": "Os', { exact: true }).waitFor();
});

it("draws nothing that a hostile tool or model writes", async () => {
  const stage = await open(TOOLS);
  const evil = '<img src="/beacon" onerror="fetch(\'/script\')">\u202e';
  await receive(stage, toolPatch(3, { name: evil, arguments: evil, result: evil, state: "asking" }));
  await expect.poll(() => stage.root.getByText("[U+202E]").count()).toBe(4);
  await expect.poll(() => stage.root.locator("img, script").count()).toBe(0);
  expect(stage.requests).toEqual([]);
});
