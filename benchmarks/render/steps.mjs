/** Main-thread CPU of a whole answer that comes in steps of equal size. */
import { mixed, single } from "./fixtures.mjs";

/** `budget`: seconds of CPU after which a run is stopped, and its whole extrapolated from what it took so far. */
const PAINTED = { size: 128, paint: true, budget: 25 };
const LAID_OUT = { size: 64, paint: false, budget: 15 };
export const ROWS = {
  "10k": { ...PAINTED, text: mixed(10_000), budget: 60 },
  "100k": { ...PAINTED, text: mixed(100_000), budget: 120 },
  "1m": { ...PAINTED, text: mixed(1_000_000), size: 1024 },
  fence: { ...LAID_OUT, text: single("fence", 100_000) },
  list: { ...LAID_OUT, text: single("list", 100_000) },
  table: { ...LAID_OUT, text: single("table", 100_000) },
  paragraph: { ...LAID_OUT, text: single("paragraph", 100_000) },
  quote: { ...LAID_OUT, text: single("quote", 100_000) },
};
export const RUNS = { "10k": 5, "100k": 3 };
const PARTS = 10;

/** The figures of one row: ours, naive and plain text in the same run. */
export async function measure(stage, name) {
  const ours = await run(stage, "ours", ROWS[name]);
  const naive = await run(stage, "naive", ROWS[name]);
  const plain = await run(stage, "plain", ROWS[name]);
  const [mine, theirs] = [whole(ours.parts), whole(naive.parts)];
  return {
    "ours CPU ms": mine,
    "naive CPU ms": theirs,
    "naive ÷ ours": theirs / mine,
    "plain text CPU ms": whole(plain.parts),
    "naive measured %": naive.parts.length * (100 / PARTS),
    "last tenth ÷ first": ours.parts.at(-1) / ours.parts[0],
    "script ms per step": ours.script,
    "end ms": ours.end,
  };
}

function run(stage, kind, { text, size, paint, budget }) {
  return stage.run(async (page, cpu) => {
    await page.evaluate(([kind, text]) => bench.start(kind, text), [kind, text]);
    const steps = Math.ceil(text.length / size);
    const parts = [];
    let script = 0;
    while (parts.length < PARTS && sum(parts) < budget * 1000) {
      const before = await cpu();
      const options = [Math.ceil(steps / PARTS), size, paint];
      script += await page.evaluate((options) => bench.advance(...options), options);
      parts.push((await cpu()) - before);
    }
    const end = parts.length === PARTS ? await page.evaluate(() => bench.finish()) : null;
    return { parts, script: script / steps, end };
  });
}

/** CPU of the whole answer: measured, or a least-squares fit of a·f + b·f² through the totals so far. */
function whole(parts) {
  if (parts.length === PARTS) return sum(parts);
  let [ff, fff, ffff, yf, yff] = [0, 0, 0, 0, 0];
  let total = 0;
  for (const [i, part] of parts.entries()) {
    const f = (i + 1) / PARTS;
    total += part;
    ff += f ** 2;
    fff += f ** 3;
    ffff += f ** 4;
    yf += total * f;
    yff += total * f ** 2;
  }
  // One point tells no curve: what is quadratic takes 1/f² as long, and is known to be.
  const determinant = ff * ffff - fff ** 2;
  if (parts.length === 1) return parts[0] * PARTS ** 2;
  return (yf * ffff - yff * fff + ff * yff - fff * yf) / determinant;
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
