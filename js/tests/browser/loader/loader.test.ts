/** The two forms in which a widget brings its module along, as anywidget loads them. */

import { readFileSync } from "node:fs";
import path from "node:path";
import type { JSHandle } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import { SUBMITTED } from "../widget/replies";
import type { Stage } from "../widget/stage";
import { stages } from "../widget/stages";

const read = (file: string) =>
  readFileSync(path.join(import.meta.dirname, "../../../../nbstream/static", file), "utf8");
const WHOLE = read("widget.js");
const REFERENCE = read("widget-reference.js");
const PAGES = "nbstream.modules/1";

const open = stages();
let stage: Stage;

/** Its own widget has brought the whole module. */
beforeEach(async () => {
  stage = await open(SUBMITTED);
});

declare global {
  interface Window {
    made: string[];
    restore(): void;
  }
}

type Host = JSHandle<Window["host"]>;

/** One more widget of the page, with that module. */
function another(esm: string, text: string): Promise<Host> {
  return stage.page.evaluateHandle(
    async ({ esm, snapshot }) => {
      const host = new window.WidgetHost({ kernel_id: "", snapshot });
      await host.open(esm);
      host.show();
      return host;
    },
    { esm, snapshot: { ...SUBMITTED, status: "streaming" as const, text } },
  );
}

const said = (host: Host) => host.evaluate(({ sent }) => sent.map(({ name }) => name));
const held = () => stage.page.evaluate((key) => Object.keys(Reflect.get(window, Symbol.for(key))), PAGES);
const forget = () =>
  stage.page.evaluate((key) => {
    const modules = Reflect.get(window, Symbol.for(key));
    for (const name of Object.keys(modules)) delete modules[name];
  }, PAGES);

/** How many URLs are made during a call, one for each evaluation of a module. */
async function evaluated(during: () => Promise<unknown>): Promise<number> {
  await stage.page.evaluate(() => {
    const make = URL.createObjectURL;
    window.made = [];
    URL.createObjectURL = (object) => {
      const url = make(object);
      window.made.push(url);
      return url;
    };
    window.restore = () => {
      URL.createObjectURL = make;
    };
  });
  await during();
  return stage.page.evaluate(() => {
    window.restore();
    return window.made.length;
  });
}

describe("a page that has the module", () => {
  it("draws a widget that brings a reference, and asks for nothing", async () => {
    const host = await another(REFERENCE, "by reference");
    await stage.page.getByText("by reference").waitFor();
    await expect.poll(() => said(host)).toEqual([]);
  });

  it("evaluates it no second time, in whichever form it comes", async () => {
    // Each widget's own few lines are imported, and nothing else.
    expect(await evaluated(() => another(REFERENCE, "one"))).toBe(1);
    expect(await evaluated(() => another(WHOLE, "two"))).toBe(1);
    await stage.page.getByText("two").waitFor();
    await expect.poll(() => held()).toHaveLength(1);
  });

  it("says so to the kernel that sent it", async () => {
    expect(await said(await another(WHOLE, ""))).toEqual(["loaded"]);
  });
});

describe("a page that lacks it", () => {
  beforeEach(forget);

  it("asks for it, and draws when it has come", async () => {
    const host = await another(REFERENCE, "in the end");
    await expect.poll(() => said(host)).toEqual(["module"]);
    await expect.poll(() => stage.page.getByText("in the end").count()).toBe(0);
    await host.evaluate(async (host, esm) => {
      await host.open(esm);
      host.show();
    }, WHOLE);
    await stage.page.getByText("in the end").waitFor();
    await expect.poll(() => said(host)).toEqual(["module", "loaded"]);
  });

  it("unpacks it once for widgets that come together", async () => {
    const opening = () => Promise.all([another(WHOLE, "left"), another(WHOLE, "right")]);
    expect(await evaluated(opening)).toBe(3);
    for (const text of ["left", "right"]) await stage.page.getByText(text).waitFor();
  });
});
