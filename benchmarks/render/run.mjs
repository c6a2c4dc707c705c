/**
 * What drawing costs the page, ours against the naive renderer in the same Chromium run.
 *
 *     node benchmarks/render/run.mjs [--json] [rows…]
 *
 * Rows: 10k 100k 1m (painted, 128 or 1,024 characters a frame), fence list table paragraph quote (100 KB of a single
 * construct, laid out every 64 characters), "paced mixed" "paced paragraph" … (at 2,500 tokens a second), opening.
 * With --json the tables are written as one JSON document instead. A row that a group has `RUNS` for is measured so
 * often, and its figures are the medians.
 *
 * CPU is that of the page's main thread (DevTools `TaskDuration` in thread ticks). A run that exceeds its budget is
 * stopped and its whole extrapolated, by a fit of a·f + b·f² over the fraction f that was drawn: then "naive
 * measured %" is below 100.
 */
import * as opening from "./opening.mjs";
import * as paced from "./paced.mjs";
import { Stage } from "./stage.mjs";
import * as steps from "./steps.mjs";

const TABLES = [
  { name: "render", title: "a whole answer, frame by frame or layout by layout", group: steps },
  { name: "paced", title: "100 KB at 2,500 tokens a second", group: paced },
  { name: "opening", title: "a chat of 50 messages", group: opening },
];

const words = process.argv.slice(2);
const json = words.includes("--json");
const wanted = words.filter((word) => word !== "--json");

const stage = await Stage.open();
const tables = [];
for (const { name, title, group } of TABLES) {
  const names = Object.keys(group.ROWS).filter((row) => !wanted.length || wanted.includes(row));
  const rows = {};
  for (const row of names) rows[row] = await measured(group, row);
  if (!names.length) continue;
  tables.push({ name, title, rows });
  if (!json) print(name, title, rows);
}
await stage.close();
if (json) console.log(JSON.stringify({ tables }, null, 1));

/** The figures of one row. */
async function measured(group, row) {
  const runs = [];
  while (runs.length < (group.RUNS[row] ?? 1)) runs.push(await group.measure(stage, row));
  const columns = Object.keys(runs[0]);
  return Object.fromEntries(columns.map((column) => [column, median(runs.map((run) => run[column]))]));
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function print(name, title, rows) {
  const columns = Object.keys(Object.values(rows)[0]);
  console.log(`\n${name}: ${title}\n| | ${columns.join(" | ")} |\n|${"---|".repeat(columns.length + 1)}`);
  for (const [row, figures] of Object.entries(rows)) {
    console.log(`| ${row} | ${columns.map((column) => shown(figures[column])).join(" | ")} |`);
  }
}

function shown(value) {
  return value === null ? "" : value.toLocaleString("en", { maximumSignificantDigits: 3 });
}
