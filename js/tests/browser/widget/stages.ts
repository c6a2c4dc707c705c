/** The pages of a file of tests, in one browser. */

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { launch } from "../chromium";
import type { Traits } from "./host";
import { Stage, type StageOptions } from "./stage";

export type Open<Snapshot> = (snapshot: Snapshot, options?: StageOptions) => Promise<Stage>;

/**
 * Returns a function that opens a view in a new page; after each test no page may have failed, and all are
 * closed.
 */
export function stages<Snapshot extends Traits["snapshot"]>(usual: StageOptions = {}): Open<Snapshot> {
  let browser: Browser;
  const open: Stage[] = [];
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    for (const stage of open.splice(0)) {
      expect(stage.errors).toEqual([]);
      await stage.close();
    }
  });
  return async (snapshot, options) => {
    const stage = await Stage.open(browser, snapshot, { ...usual, ...options });
    open.push(stage);
    return stage;
  };
}
