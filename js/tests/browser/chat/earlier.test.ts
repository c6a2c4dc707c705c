/** A conversation that the notebook has kept, offered to a new chat. */

import { expect, it } from "vitest";
import type { Earlier } from "../../../page/chat-keeper";
import type { Stage } from "../widget/stage";
import { BUSY, EMPTY, TALK } from "./chats";
import { acknowledge, box, button, chatStages, command, refuse } from "./stage";

const open = chatStages();

const EARLIER: Earlier = {
  data: { v: 1, messages: [] },
  provenance: { answers: [] },
  messages: 4,
  contents: ["1 image"],
};

const offer = (stage: Stage) => stage.root.getByRole("region", { name: "Earlier conversation" });

/** A notebook that keeps the chat, as the JupyterLab extension does. */
async function keep(stage: Stage, earlier: Earlier | null): Promise<void> {
  await stage.page.evaluate((earlier) => {
    const log: unknown[] = [];
    Object.assign(window, { log });
    const keeper = {
      earlier,
      keep: ({ data }: { data: unknown }) => log.push(data),
      forget: () => log.push("forgotten"),
    };
    const event = new CustomEvent("nbstream-keeper", { bubbles: true, detail: { keeper } });
    document.querySelector(".nbs-chat")?.dispatchEvent(event);
  }, earlier);
}

const log = (stage: Stage) => stage.page.evaluate(() => (window as unknown as { log: unknown[] }).log);

it("asks Python for what is to be kept, and hands it on", async () => {
  const stage = await open(TALK);
  await expect.poll(() => stage.sent()).toEqual([]);
  await keep(stage, null);
  await expect.poll(() => stage.sent()).toEqual(["keep"]);
  await stage.receive({ t: "saved", data: { "text/plain": "one" }, metadata: {} });
  await expect.poll(() => log(stage)).toEqual([{ "text/plain": "one" }]);
  await expect.poll(() => offer(stage).count()).toBe(0);
});

it("is loaded with one click, and keeps the focus", async () => {
  const stage = await open(EMPTY);
  await keep(stage, EARLIER);
  await offer(stage).getByText("4 messages, 1 image.").waitFor();
  await button(stage, "Load it").focus();
  await stage.page.keyboard.press("Enter");
  const { data, provenance } = EARLIER;
  expect(await command(stage, "load")).toEqual({ t: "command", n: 2, name: "load", data, provenance });
  await acknowledge(stage, "load");
  await offer(stage).waitFor({ state: "hidden" });
  await box(stage).and(stage.page.locator(":focus")).waitFor();
  await expect.poll(() => log(stage)).toEqual(["forgotten"]);
});

it("is dismissed, in all views", async () => {
  const stage = await open(EMPTY);
  await stage.page.evaluate(() => window.views.push(window.host.show()));
  await keep(stage, EARLIER);
  await expect.poll(() => offer(stage).count()).toBe(2);
  await button(stage, "Dismiss").first().click();
  await expect.poll(() => offer(stage).count()).toBe(0);
  await expect.poll(() => stage.sent()).toEqual(["keep"]);
  await expect.poll(() => log(stage)).toEqual(["forgotten"]);
});

it("says why it could not be loaded, and is not loaded twice", async () => {
  const stage = await open(EMPTY);
  await keep(stage, EARLIER);
  await button(stage, "Load it").click();
  await refuse(stage, "load", "2 lines cannot be read.");
  await offer(stage).getByText("2 lines cannot be read.").waitFor();
  await expect.poll(() => button(stage, "Load it").count()).toBe(0);
  await button(stage, "Dismiss").click();
  await offer(stage).waitFor({ state: "hidden" });
});

it("waits while an answer is on its way", async () => {
  const stage = await open(BUSY);
  await keep(stage, EARLIER);
  await button(stage, "Load it").click({ force: true });
  await expect.poll(() => stage.sent()).toEqual(["keep"]);
});
