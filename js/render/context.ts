import type { Typesetter } from "./formula";
import type { Env } from "./markdown";

/** What drawing needs beyond the tokens. */
export interface DrawContext {
  env: Env;
  typeset: Typesetter | undefined;
}
