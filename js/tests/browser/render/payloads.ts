/**
 * Answers that try to run script, to make a request or to reach the page: the corpus that the Python tests
 * read too. In it `CANARY` stands for a server that must never receive a request; a script that ran would set
 * `window.__pwned`.
 */
import corpus from "../../../../tests/fixtures/hostile/payloads.json";

export function payloads(origin: string): string[] {
  return corpus.map(({ markdown }) => markdown.replaceAll("CANARY", origin));
}
