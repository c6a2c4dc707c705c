/** What a reader notices while an answer of 100 KB comes at 2,500 tokens a second. */
import { mixed, single } from "./fixtures.mjs";

const TOKENS_PER_SECOND = 2500;
export const ROWS = {
  "paced mixed": mixed(100_000),
  "paced paragraph": single("paragraph", 100_000),
  "paced table": single("table", 100_000),
  "paced quote": single("quote", 100_000),
};
export const RUNS = { "paced mixed": 3 };

/** The figures of one row: ours and naive in the same run. */
export async function measure(stage, name) {
  const figures = {};
  for (const kind of ["ours", "naive"]) {
    const { paced, cpu } = await run(stage, kind, ROWS[name]);
    for (const [figure, value] of Object.entries(figuresOf(paced, cpu))) figures[`${kind} ${figure}`] = value;
  }
  return figures;
}

function run(stage, kind, text) {
  return stage.run(async (page, cpu) => {
    const before = await cpu();
    const paced = await page.evaluate((options) => bench.stream(...options), [kind, text, TOKENS_PER_SECOND]);
    return { paced, cpu: (await cpu()) - before };
  });
}

function figuresOf({ latencies, last, longTasks, nodes, duration }, cpu) {
  return {
    "paint p50 ms": quantile(latencies, 0.5),
    "p95 ms": quantile(latencies, 0.95),
    "longest ms": latencies.at(-1),
    "last token ms": last,
    "long tasks %": (100 * longTasks.total) / duration,
    "CPU %": (100 * cpu) / duration,
    "removed ÷ added %": (100 * nodes.removed) / nodes.added,
  };
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
