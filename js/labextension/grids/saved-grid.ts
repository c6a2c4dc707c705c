/**
 * Reads a saved comparison from a notebook. A notebook may be from an untrusted source, so every field is checked:
 * missing or invalid ones are left out, and the rest is shown.
 */

import type {
  Body,
  CellDetails,
  CellHead,
  CellStatus,
  ColumnFigures,
  GridSnapshot,
  RowHeading,
  VariantHeading,
} from "../../core/grid-protocol";
import { type Fields, number, record, text } from "../fields";
import { LineReader } from "../text-lines";
import { UNFINISHED } from "./unfinished-grid";

/** More than `compare` could sensibly save. */
const MOST_CELLS = 20_000;
const MOST_VARIANTS = 200;

const STATUSES: readonly unknown[] = ["finished", "closed", "stopped", "failed", "skipped"];

export interface SavedComparison {
  /** Of the live comparison in its kernel; "" if unknown. */
  id: string;
  /** Why it is not complete; "" if it is. */
  remark: string;
  snapshot: GridSnapshot;
  bodies: Body[];
}

/**
 * A saved comparison.
 *
 * @param data the output's value for `COMPARISON_MIMETYPE`
 * @param provenance the output's metadata under `nbstream`: what varies from run to run
 */
export function savedComparison(data: unknown, provenance: unknown): SavedComparison {
  const [saved, about] = [record(data), record(provenance)];
  const variants = list(saved.variants).slice(0, MOST_VARIANTS).map(variantOf);
  const n = Math.max(1, Math.min(number(saved.n) ?? 1, MOST_CELLS));
  const rows = list(saved.rows)
    .slice(0, Math.floor(MOST_CELLS / Math.max(1, n * variants.length)))
    .map(rowOf);
  const checks = texts(saved.checks);
  const cells = list(saved.cells).map(record);
  const count = rows.length * variants.length * n;
  const numbers = Array.from({ length: count }, (_, index) => index);
  const baseline = number(saved.baseline, variants.length - 1) ?? 0;
  return {
    id: text(about.id) ?? "",
    remark: remarkOf(saved.unfinished),
    snapshot: {
      v: 1,
      seq: 0,
      variants,
      rows,
      n,
      checks,
      shared: pairs(saved.shared),
      cells: numbers.map((index) => headOf(record(cells[index]), about, index)),
      columns: list(about.columns).slice(0, variants.length).map(columnOf),
      verdicts: texts(saved.verdicts),
      ...changesOf(saved.changes, count),
      baseline: Math.floor(baseline),
      done: true,
      written: 0,
    },
    bodies: numbers.map((index) => bodyOf(record(cells[index]), index)),
  };
}

function remarkOf(unfinished: unknown): string {
  if (unfinished === undefined) return "";
  return unfinished === "interrupted" ? UNFINISHED.interrupted : UNFINISHED.saved;
}

function variantOf(saved: unknown): VariantHeading {
  const { name, differing } = record(saved);
  return { name: text(name) ?? "", differing: pairs(differing) };
}

function rowOf(saved: unknown): RowHeading {
  const { label, fields } = record(saved);
  return { label: text(label) ?? "", fields: pairs(fields) };
}

function headOf(saved: Fields, about: Fields, index: number): CellHead {
  const figure = (name: string) => number(list(about[name])[index]);
  const status = (STATUSES.includes(saved.status) ? saved.status : "finished") as CellStatus;
  const rating = saved.rating === 1 || saved.rating === -1 ? saved.rating : 0;
  return [
    status,
    figure("ttft"),
    figure("tokens_per_second"),
    figure("output_tokens"),
    figure("cost"),
    number(saved.chars) ?? (textOf(saved) ?? "").length,
    text(saved.checks) ?? "",
    rating,
  ];
}

const LEFT_OUT = "This answer is too long to be saved in the notebook.";

function bodyOf(saved: Fields, index: number): Body {
  const details: CellDetails = {};
  const [error, note] = [text(saved.error), text(saved.note)];
  if (error !== null) details.error = error;
  else if (saved.chars) details.error = LEFT_OUT;
  if (note !== null) details.note = note;
  const reasons = Object.entries(record(saved.reasons)).filter(([, reason]) => typeof reason === "string");
  if (reasons.length > 0) details.reasons = Object.fromEntries(reasons) as Record<string, string>;
  return [index, textOf(saved) ?? "", details];
}

function textOf(saved: Fields): string | null {
  return new LineReader("").read(saved.text);
}

function columnOf(saved: unknown): ColumnFigures {
  const { statuses, passed, ttft, tokens_per_second: rate, output_tokens: tokens, cost } = record(saved);
  const counts = Object.entries(record(statuses)).filter(
    ([status, count]) => STATUSES.includes(status) && number(count) !== null,
  );
  return {
    statuses: Object.fromEntries(counts),
    passed: shareOf(passed),
    ttft: number(ttft),
    tokens_per_second: number(rate),
    output_tokens: number(tokens) ?? 0,
    cost: number(cost),
  };
}

function shareOf(saved: unknown): ColumnFigures["passed"] {
  const values = list(saved).map((value) => number(value));
  const [estimate, low, high, n] = values;
  return values.length === 4 && !values.includes(null)
    ? ([estimate, low, high, n] as ColumnFigures["passed"])
    : null;
}

function changesOf(saved: unknown, count: number): Pick<GridSnapshot, "changes"> {
  if (saved === undefined) return {};
  const { prompts, good, bad, unchanged } = record(saved);
  const cells = (value: unknown) =>
    list(value).filter((one): one is number => Number.isInteger(one) && number(one, count - 1) !== null);
  return {
    changes: {
      prompts: texts(prompts),
      good: cells(good),
      bad: cells(bad),
      unchanged: number(unchanged) ?? 0,
    },
  };
}

function pairs(value: unknown): [string, string][] {
  return list(value).filter(
    (pair): pair is [string, string] =>
      Array.isArray(pair) && pair.length === 2 && typeof pair[0] === "string" && typeof pair[1] === "string",
  );
}

function texts(value: unknown): string[] {
  return list(value).filter((one) => typeof one === "string");
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
