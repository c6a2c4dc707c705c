import { describe, expect, it } from "vitest";
import { faultsOf } from "../layers.mjs";

const faults = (sources: Record<string, string>) => faultsOf(new Map(Object.entries(sources)));

describe("the layer check", () => {
  it("lets a file import from its own folder and from lower layers", () => {
    expect(
      faults({
        "widget/index.ts": 'import { a } from "./model";\nimport type { B } from "../core/store";',
        "widget/model.ts": 'export const later = () => import("../inspector");',
        "inspector/index.tsx": 'import css from "./inspector.css" with { type: "text" };',
        "inspector/inspector.css": "",
        "core/store.ts": 'import { signal } from "@preact/signals-core";',
      }),
    ).toEqual([]);
  });

  it.each([
    ["a folder of a higher layer", "reply/Footer.tsx", 'import { a } from "../chat/keys";'],
    ["one of the same layer", "widget/index.ts", 'import { a } from "../chat/keys";'],
    ["a type", "core/store.ts", 'import type { A } from "../chat/keys";'],
    ["what is loaded later", "render/view.ts", 'const a = await import("../chat/keys");'],
    ["a test", "chat/chat.ts", 'export { a } from "../tests/keys";'],
  ])("refuses an import of %s", (_, file, source) => {
    const [target] = /(chat|tests)\/keys/.exec(source) ?? [];
    expect(faults({ [file]: source, "chat/keys.ts": "" })).toEqual([
      `${file} must not import ${target}${target === "chat/keys" ? ".ts" : ""}.`,
    ]);
  });

  it("refuses a circle, also one of types alone", () => {
    expect(
      faults({
        "math/build.ts": 'import { a } from "./elements";',
        "math/elements.ts": 'import type { Tree } from "./build";',
      }),
    ).toEqual(["math/build.ts imports math/elements.ts imports math/build.ts."]);
  });

  it("refuses a folder that has no layer", () => {
    expect(faults({ "compare/grid.ts": "" })).toEqual(["The folder compare has no layer."]);
  });
});
