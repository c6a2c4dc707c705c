/** Calls of tools in a single reply: shown, and approved in the cell. */

import { expect, it } from "vitest";
import { ASKING, SUBMITTED, toolPatch } from "./replies";
import type { Stage, StageOptions } from "./stage";
import { stages } from "./stages";

const openStage = stages();
let stage: Stage;

async function open(snapshot = ASKING, options?: StageOptions): Promise<Stage> {
  stage = await openStage(snapshot, options);
  return stage;
}

const button = (name: string) => stage.root.getByRole("button", { name });
const summary = (name: string) => stage.root.locator("summary", { hasText: name });

it("tells assistive technology that a call asks, and shows what it would do", async () => {
  await open(SUBMITTED);
  const call = { id: "c", name: "delete_file", result: null, arguments: '{"path": "a.txt"}' } as const;
  await stage.receive({
    t: "frame",
    seq: 2,
    status: "streaming",
    tools: [toolPatch(0, { ...call, state: "writing" })],
  });
  const row = stage.root.locator(".nbs-tool", { hasText: "delete_file" });
  await row.getByText('{"path": "a.txt"}').first().waitFor();
  await expect.poll(() => row.getByRole("region", { name: "Arguments" }).isVisible()).toBe(false);
  const asking = toolPatch(0, { ...call, arguments: "", state: "asking" }, call.arguments.length);
  await stage.receive({ t: "frame", seq: 3, status: "streaming", tools: [asking] });
  await expect
    .poll(() => row.getByRole("region", { name: "Arguments" }).textContent())
    .toBe('{\n  "path": "a.txt"\n}');
  await expect.poll(() => stage.page.getByRole("status").textContent()).toBe("delete_file asks for approval");
  await row.getByRole("group", { name: "May delete_file run?" }).waitFor();
  await expect.poll(() => stage.root.locator(".nbs-waiting").count()).toBe(0);
});

it("shows arguments as the function gets them", async () => {
  const exact = '{"account": 12345678901234567890}';
  const call = { id: "c", name: "pay", arguments: exact, state: "asking" as const, result: null };
  await open({ ...ASKING, tools: [call] });
  await expect.poll(() => stage.root.getByRole("region", { name: "Arguments" }).textContent()).toBe(exact);
});

it("shows names and values that were read, and not what the model wrote", async () => {
  const call = { id: "c", name: "pay", arguments: '{"\\u0061": 1}', state: "asking" as const, result: null };
  await open({
    ...ASKING,
    tools: [
      {
        ...call,
        shown: [
          ["a", "1"],
          ["note", "two\nlines"],
        ],
      },
    ],
  });
  const region = stage.root.getByRole("region", { name: "Arguments" });
  await expect.poll(() => region.getByRole("term").allTextContents()).toEqual(["a", "note"]);
  await expect.poll(() => region.getByRole("definition").allInnerTexts()).toEqual(["1", "two\nlines"]);
});

it("sends the reader's word, by keyboard alone, and keeps their place", async () => {
  await open();
  await button("Approve").focus();
  await stage.page.keyboard.press("Tab");
  await stage.page.keyboard.press("Enter");
  const [command] = await stage.commands();
  expect(command).toEqual({ t: "command", n: 1, name: "approve", call: "call-2", allow: false });
  await summary("add_to_list").and(stage.page.locator(":focus")).waitFor();
});

it("approves, folds the call and says what came of it", async () => {
  await open();
  await button("Approve").click();
  await expect
    .poll(() => stage.commands())
    .toEqual([{ t: "command", n: 1, name: "approve", call: "call-2", allow: true }]);
  const done = toolPatch(1, { id: "call-2", name: "add_to_list", result: "added" }, 20);
  await stage.answer("approve");
  await stage.receive({ t: "frame", seq: 2, status: "streaming", tools: [done] });
  await expect.poll(() => button("Approve").count()).toBe(0);
  await summary("add_to_list").getByText("done").waitFor();
  await summary("add_to_list").click();
  await stage.root.getByRole("region", { name: "Result" }).getByText("added").waitFor();
});

it("says when the kernel does not hear, until it does", async () => {
  await open(ASKING, { frozen: true });
  await button("Approve").click();
  await stage.page.clock.runFor(2500);
  await stage.root.getByText("did not receive your decision").waitFor();
  await button("Approve").click();
  await expect.poll(() => stage.sent()).toEqual(["approve", "approve"]);
  for (const n of [1, 2]) await stage.receive({ t: "ack", n, name: "approve" });
  await expect.poll(() => stage.root.getByText("did not receive your decision").count()).toBe(0);
});

it("stops the answer by Escape instead of a word", async () => {
  await open();
  await button("Approve").focus();
  await stage.page.keyboard.press("Escape");
  await expect.poll(() => stage.sent()).toEqual(["stop"]);
});
