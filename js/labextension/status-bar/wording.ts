/** The texts of the status bar. */

import { visible } from "../../render/invisible";
import { grouped, priceText } from "../../reply/figures";
import type { Totals } from "./usage";

/** A longer name is cut: a model's name may come from a file. */
const MAX_MODEL = 40;

/** "gpt-5-mini · 1,234 tokens · $0.0021". */
export function summary({ model, input, output, cost }: Totals): string {
  const tokens = input + output;
  const parts = [
    visible(model.slice(0, MAX_MODEL)),
    tokens > 0 ? counted(tokens, "token") : "",
    cost > 0 ? priceText(cost) : "",
  ];
  return parts.filter(Boolean).join(" · ");
}

/** The tooltip. */
export function details({ answers, model, input, output, cost, unpriced }: Totals): string {
  const lines = [
    `nbstream: ${counted(answers, "answer")} in this notebook, other versions included`,
    model && `Last model: ${visible(model)}`,
    `Input: ${counted(input, "token")}, output: ${counted(output, "token")}`,
    cost > 0 && `Cost: ${priceText(cost)}`,
    unpriced > 0 && `${counted(unpriced, "answer")} without a known price`,
  ];
  return lines.filter(Boolean).join("\n");
}

/** "2 answers". */
export function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? "" : "s"}`;
}
