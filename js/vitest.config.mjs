import { defineConfig } from "vitest/config";
import aliases from "./render/aliases.mjs";
import { RetriedTests } from "./tests/retried.mjs";

export default defineConfig({
  resolve: { alias: aliases },
  test: {
    // Each file of browser tests starts its own Chromium; on two cores, one often waits for a frame or a timer.
    maxWorkers: 3,
    // The files of a worker share its modules: importing all of them for each file took half of the time.
    isolate: false,
    reporters: ["default", new RetriedTests()],
    // Vite's aliases replace the dependencies of what it transforms itself.
    server: { deps: { inline: ["markdown-it"] } },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          environment: "happy-dom",
          testTimeout: 30_000,
          setupFiles: ["render/testing/settle.ts"],
          include: [
            "{core,render,page,kernel,reply,widget,labextension,chat,grid,batch,table,inspector}/**/*.test.{ts,tsx}",
            "tests/*.test.ts",
          ],
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          environment: "node",
          include: ["tests/browser/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 15_000 } },
          // A busy machine can be late. The report names each test that passed only when it was run again.
          retry: 1,
        },
      },
    ],
  },
});
