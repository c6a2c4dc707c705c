import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const SINKS =
  /innerHTML|outerHTML|insertAdjacentHTML|setHTML|createContextualFragment|parseFromString|DOMParser|document\.write|srcdoc|\beval\b|new Function|\.render\(/;

/** The sources in the bundle. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("testing"));
}

it("no source of the renderer parses HTML or code out of a string", () => {
  const files = sources(import.meta.dirname);
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((file) => SINKS.test(readFileSync(file, "utf8")))).toEqual([]);
});

it("the check sees a sink", () => {
  expect(SINKS.test("element.innerHTML = text")).toBe(true);
});
