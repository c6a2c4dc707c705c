/** The browser of the tests. */

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

// It is Chromium without windows. To open a page takes a quarter of the time that `chromium --headless` takes.
const HEADLESS_SHELL = "/usr/bin/chromium-headless-shell";
const EXECUTABLE = existsSync(HEADLESS_SHELL) ? HEADLESS_SHELL : "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.NBSTREAM_CHROMIUM ?? EXECUTABLE, args: FLAGS });
}
