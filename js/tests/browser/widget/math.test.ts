/** Formulas in the built widget: its kernel is asked for the typesetter, once, and not before it is needed. */

import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, it } from "vitest";
import type { CommandMessage } from "../../../core/commands";
import { SUBMITTED } from "./replies";
import { framesOf, type Stage } from "./stage";
import { stages } from "./stages";

const PACKED = readFileSync(path.join(import.meta.dirname, "../../../../nbstream/static/assets/math.js.gz"));

const open = stages();
let stage: Stage;

afterEach(() => {
  expect(stage.requests).toEqual([]);
});

async function stream(...pieces: string[]): Promise<void> {
  stage = await open(SUBMITTED);
  await stage.receive(...framesOf(pieces, 2));
}

async function asked(): Promise<CommandMessage[]> {
  return (await stage.commands()).filter((command) => command.name === "asset");
}

/** Answers as Python does, with the bytes in a buffer. */
async function answer(): Promise<void> {
  await stage.page.evaluate((packed) => {
    const bytes = Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
    window.host.receive({ t: "result", n: 1, name: "asset", data: {} }, bytes);
  }, PACKED.toString("base64"));
}

it("an answer without a formula needs no typesetter", async () => {
  await stream("It costs $5 or `$x$`.");
  await stage.root.getByText("It costs $5").waitFor();
  await expect.poll(() => asked()).toEqual([]);
});

it("a formula is source until it is closed and the typesetter has come", async () => {
  const pieces = ["So \\(x^2", "\\) and $y$, and", " more."];
  await stream(...pieces);
  await stage.root.getByText("more.").waitFor();
  await expect.poll(() => stage.root.locator(".nbs-math code").allTextContents()).toEqual(["x^2", "y"]);
  await expect.poll(() => asked()).toEqual([{ t: "command", n: 1, name: "asset", asset: "math" }]);
  await answer();
  await stage.root.locator("math msup").waitFor();
  await expect.poll(() => stage.root.locator(".nbs-math code").count()).toBe(0);
  await stage.receive({
    t: "frame",
    seq: 20,
    status: "finished",
    text: [pieces.join("").length, " And $z$."],
  });
  await expect.poll(() => stage.root.locator("math").allTextContents()).toEqual(["x2", "y", "z"]);
  await expect.poll(() => asked()).toHaveLength(1);
});

it("a host that loses buffers is asked for text", async () => {
  await stream("So $x^2$ it is.");
  await expect.poll(asked).toHaveLength(1);
  await stage.answer("asset", {});
  await expect.poll(asked).toHaveLength(2);
  expect((await asked()).at(-1)).toEqual({ t: "command", n: 2, name: "asset", asset: "math", as: "base64" });
  await stage.answer("asset", { base64: PACKED.toString("base64") });
  await stage.root.locator("math msup").waitFor();
});

it("a wrong formula stays source among right ones", async () => {
  await stream("So $x^2$ but $x^$ it is.");
  await expect.poll(asked).toHaveLength(1);
  await answer();
  await stage.root.locator("math msup").waitFor();
  await expect.poll(() => stage.root.locator(".nbs-math code").allTextContents()).toEqual(["x^"]);
});

it("all widgets of a page share the one that has come", async () => {
  await stream("So $x^2$ it is.");
  await expect.poll(asked).toHaveLength(1);
  await answer();
  await stage.root.locator("math").waitFor();
  const second = await stage.page.evaluate(
    async ({ esm, snapshot }) => {
      const host = new window.WidgetHost({ kernel_id: "", snapshot });
      await host.open(esm);
      host.show();
      await new Promise(requestAnimationFrame);
      return { sent: host.sent, drawn: document.querySelectorAll("math").length };
    },
    {
      esm: readFileSync(path.join(import.meta.dirname, "../../../../nbstream/static/widget.js"), "utf8"),
      snapshot: { ...SUBMITTED, text: "And $y^2$.", status: "streaming" } as const,
    },
  );
  expect(second).toEqual({ sent: [{ t: "command", n: 0, name: "loaded" }], drawn: 2 });
});
