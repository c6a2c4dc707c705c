/** Run by Vitest for every file of unit tests. */
import { afterAll, vi } from "vitest";
import { whenIdle } from "../idle";

// What is coloured in idle time imports the highlighter: without a wait it would ask for it while Vitest takes the
// file's modules away, and the run would be red with every test green. Tasks come to their turn in order.
afterAll(async () => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  await new Promise<void>(whenIdle);
  await vi.dynamicImportSettled();
});
