import type { MathTree } from "./tree";

/** All elements of MathML Core in formulas; `math` is only used as the root. */
const TAGS = new Set(
  (
    "mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt mstyle msub " +
    "msubsup msup mtable mtd mtext mtr munder munderover none"
  ).split(" "),
);

/** Temml's classes that our stylesheet supports, with their names there. */
const CLASSES: Record<string, string> = {
  mathcal: "nbs-math-calligraphic",
  "tml-hat-1": "nbs-math-hat-1",
  "tml-hat-2": "nbs-math-hat-2",
  "tml-hat-3": "nbs-math-hat-3",
  "tml-hat-4": "nbs-math-hat-4",
  "tml-jot": "nbs-math-jot",
  "tml-left": "nbs-math-left",
  "tml-lrg-pad": "nbs-math-pad-3",
  "tml-med-pad": "nbs-math-pad-2",
  "tml-right": "nbs-math-right",
  "tml-sml-pad": "nbs-math-pad-1",
  "tml-small": "nbs-math-small",
  "tml-tageqn": "nbs-math-tagged",
  "tml-tilde-2": "nbs-math-tilde-2",
  "tml-tilde-3": "nbs-math-tilde-3",
  "tml-tilde-4": "nbs-math-tilde-4",
  "tml-vec": "nbs-math-vec",
};

/** Classes for `menclose`, which is not part of MathML Core: one for each word of its `notation`. */
const NOTATIONS = new Set(
  (
    "actuarial bottom box circle downdiagonalstrike horizontalstrike left longdiv phasorangle right roundedbox " +
    "top updiagonalstrike verticalstrike"
  ).split(" "),
);

/**
 * The element for one of Temml's types.
 *
 * @throws Error if it is not math
 */
export function tagOf(type: string): string {
  if (type === "menclose") return "mrow";
  if (!TAGS.has(type)) throw new Error(`A formula holds no ${type}.`);
  return type;
}

/** The classes of a node that we support; "" if there are none. */
export function classesOf({ classes = [], attributes = {} }: MathTree): string {
  const own = classes.flatMap((words) => words.split(" ")).map((name) => CLASSES[name]);
  const drawn = String(attributes.notation ?? "").split(" ");
  return [...own, ...drawn.filter((name) => NOTATIONS.has(name)).map((name) => `nbs-math-enclosed-${name}`)]
    .filter(Boolean)
    .join(" ");
}
