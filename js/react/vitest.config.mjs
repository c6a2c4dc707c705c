import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", environment: "node", include: ["tests/*.test.ts"] } },
      { test: { name: "react", environment: "happy-dom", include: ["tests/*.test.tsx"] } },
      {
        test: {
          name: "browser",
          environment: "node",
          include: ["tests/browser/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
