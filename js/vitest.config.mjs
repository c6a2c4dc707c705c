import { defineConfig } from "vitest/config";
import aliases from "./render/aliases.mjs";

export default defineConfig({
  resolve: { alias: aliases },
  test: {
    // Each browser test starts its own Chromium.
    maxWorkers: 2,
    // Vite's aliases replace the dependencies of what it transforms itself.
    server: { deps: { inline: ["markdown-it"] } },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          environment: "happy-dom",
          setupFiles: ["render/testing/settle.ts"],
          include: [
            "{core,render,page,kernel,reply,widget,labextension,chat,inspector}/**/*.test.{ts,tsx}",
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
        },
      },
    ],
  },
});
