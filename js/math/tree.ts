/** A node of Temml's tree: an element with a `type`, a fragment without, or a text. */
export interface MathTree {
  type?: string;
  text?: string;
  children?: MathTree[] | null;
  attributes?: Record<string, unknown>;
  classes?: string[];
  style?: Record<string, unknown>;
}
