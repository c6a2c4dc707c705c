/** Run by Vitest for every file of unit tests. */
import { afterAll, vi } from "vitest";
import { whenIdle } from "../idle";

// Highlighting in idle time imports the highlighter: without a wait it would be imported while Vitest removes
// the file's modules, and the run would fail although every test passes. Tasks run in order.
afterAll(async () => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  await new Promise<void>(whenIdle);
  await vi.dynamicImportSettled();
});
