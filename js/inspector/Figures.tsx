/** How much was received, and how fast. */

import type { InspectionSummary } from "../core/inspection";
import { visible } from "../render/invisible";
import type { InspectionLog } from "./log";
import { duration, grouped } from "./wording";

type Fact = [name: string, value: string, alarming?: boolean];

export function Figures({ log }: { log: InspectionLog }) {
  const summary = log.summary.value;
  const facts = summary ? factsOf(summary) : [];
  return (
    <header class="nbi-figures">
      <h3 class="nbi-title">Stream inspector</h3>
      {log.state.value === "loading" && <p class="nbi-hint">Loading events…</p>}
      <dl>
        {facts.map(([name, value, alarming]) => (
          <div key={name} class={alarming ? "nbi-fact nbi-alarming" : "nbi-fact"}>
            <dt>{name}</dt>
            <dd>{visible(value)}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}

function factsOf(summary: InspectionSummary): Fact[] {
  const { timings, gaps } = summary;
  const rate = timings.tokens_per_second;
  const facts: Fact[] = [
    ["model", modelOf(summary)],
    ["first token", duration(timings.ttft)],
    ["total", duration(timings.duration)],
    ["tokens/s", rate === null ? "–" : rate < 10 ? rate.toFixed(1) : grouped(Math.round(rate))],
    ["gaps p50", duration(gaps.p50)],
    ["p95", duration(gaps.p95)],
    ["p99", duration(gaps.p99)],
    ["longest", duration(gaps.longest)],
    ["events", grouped(summary.events)],
    ["bytes", grouped(summary.bytes)],
    ["skipped", grouped(summary.skipped), true],
    ["retries", grouped(summary.retries), true],
    ["reconnects", grouped(summary.reconnects), true],
  ];
  return facts.filter(([, value, alarming]) => value !== "" && !(alarming && value === "0"));
}

function modelOf({ attributes }: InspectionSummary): string {
  const name = attributes["gen_ai.response.model"] ?? attributes["gen_ai.request.model"];
  return typeof name === "string" ? name : "";
}
