/** Main-thread CPU until a chat of 50 messages is painted: the first of a page, and the next. */
import { readFile } from "node:fs/promises";
import { file } from "./stage.mjs";

const EMPTY = "export default () => ({ initialize() {}, render() {} });";
export const ROWS = { opening: null };
export const RUNS = { opening: 9 };

/** The figures, beside those of a module that does nothing. */
export async function measure(stage) {
  const esm = await readFile(file("../../nbstream/static/chat.js"), "utf8");
  const css = await readFile(file("../../nbstream/static/chat.css"), "utf8");
  const [first, next] = await opened(stage, [esm, esm], css);
  const [empty] = await opened(stage, [EMPTY], "");
  return { "first CPU ms": first, "next CPU ms": next, "empty module CPU ms": empty };
}

/** What each of the modules costs, one after the other in the same page. */
function opened(stage, modules, css) {
  return stage.run(async (page, cpu) => {
    const costs = [];
    for (const esm of modules) {
      const before = await cpu();
      await page.evaluate((options) => bench.open(...options), [esm, css]);
      costs.push((await cpu()) - before);
    }
    return costs;
  });
}
