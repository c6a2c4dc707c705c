import { it } from "vitest";
import { answers } from "./testing/documents";
import { stream, tree } from "./testing/drawing";
it("x", () => {
  const view = stream("", 0); const answer = answers()[0] as string;
  const o = new MutationObserver(() => {}); o.observe(view.root, { childList: true, subtree: true });
  const by: Record<string, number> = {};
  for (let i = 0; i < answer.length; i += 8) {
    view.append(answer.slice(i, i + 8)); while (!view.flush());
    for (const r of o.takeRecords()) for (const n of r.removedNodes) { const k = tree(n).slice(0, 90) + "   <= " + JSON.stringify(answer.slice(Math.max(0,i-20), i + 8)); by[k] = (by[k] ?? 0) + 1; }
  }
  console.log(Object.entries(by).slice(0,45).map(([k]) => k).join("\n"));
});
