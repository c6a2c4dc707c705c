/** Main-thread CPU until a chat of 50 messages is painted: the first of a page, and the next. */
import { readFile } from "node:fs/promises";
import { file } from "./stage.mjs";

const ROUNDS = 9;
const EMPTY = "export default () => ({ initialize() {}, render() {} });";
export const ROWS = { opening: null };

/** Medians, beside those of a module that does nothing. */
export async function measure(stage) {
  const esm = await readFile(file("../../nbstream/static/chat.js"), "utf8");
  const css = await readFile(file("../../nbstream/static/chat.css"), "utf8");
  const rounds = { "first CPU ms": [], "next CPU ms": [], "empty module CPU ms": [] };
  for (let round = 0; round < ROUNDS; round++) {
    const [first, next] = await opened(stage, [esm, esm], css);
    const [empty] = await opened(stage, [EMPTY], "");
    for (const [figures, figure] of [
      [rounds["first CPU ms"], first],
      [rounds["next CPU ms"], next],
      [rounds["empty module CPU ms"], empty],
    ]) {
      figures.push(figure);
    }
  }
  return Object.fromEntries(Object.entries(rounds).map(([name, figures]) => [name, median(figures)]));
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

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
