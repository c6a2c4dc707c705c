import type { Env } from "./markdown";
import type { Typesetter } from "./math-source";

/** What drawing needs beyond the tokens. */
export interface DrawContext {
  env: Env;
  typeset: Typesetter | undefined;
}
