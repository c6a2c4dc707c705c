import path from "node:path";
import { defineConfig } from "vite";
import aliases from "../../render/aliases.mjs";

/** `npm run example` serves the page and hands the rest to a relay: `nbstream serve prototype.ipynb:chat`. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  resolve: { alias: aliases },
  server: { proxy: { "/chat": "http://127.0.0.1:8750" } },
  build: {
    outDir: path.join(import.meta.dirname, "../../../nbstream/static/ui"),
    emptyOutDir: true,
    modulePreload: false,
    chunkSizeWarningLimit: 600,
    // The replacements leave out unused code; "use client" is for other bundlers.
    rolldownOptions: { checks: { importIsUndefined: false, moduleLevelDirective: false } },
  },
});
