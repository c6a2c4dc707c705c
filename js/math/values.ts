import type { MathTree } from "./tree";

/** The allowed attributes and CSS properties of a formula, and their values. */

const COLOR = /^(?:#[\da-f]{3,8}|[a-z]{3,20})$/i;
const LENGTH = /^([+-]?(?:\d+\.?\d*|\.\d+))(em|ex|pt|px|%)?$/;
const LINE = /^(?:solid|dashed|dotted|double)$/;

/** Maximum length by unit, about 40 em, so that nothing is drawn far away from its formula. */
const MAX: Record<string, number> = { "": 40, em: 40, ex: 80, pt: 400, px: 600, "%": 100 };

/** Colours are set as custom properties: the stylesheet mixes them to be readable in any theme. */
const INK = "--nbs-math-ink";
const PAINT = "--nbs-math-paint";

type Check = (value: string) => boolean;

const matches = (pattern: RegExp) => (value: string) => pattern.test(value);

function isLength(value: string): boolean {
  const [, number, unit = ""] = LENGTH.exec(value) ?? [];
  return number !== undefined && Math.abs(Number(number)) <= (MAX[unit] ?? 0);
}

const isColor = matches(COLOR);
const isLengths: Check = (value) => value.split(" ").every(isLength);
const isBorder: Check = (value) =>
  value.split(" ").every((part) => isLength(part) || LINE.test(part) || isColor(part));

const ATTRIBUTES = checks({
  "accent displaystyle fence largeop movablelimits separator stretchy symmetric": matches(/^(?:true|false)$/),
  "depth height linethickness lspace mathsize maxsize minsize rspace voffset width": isLength,
  display: matches(/^block$/),
  form: matches(/^(?:prefix|infix|postfix)$/),
  mathvariant: matches(/^[a-z-]{4,24}$/),
  scriptlevel: matches(/^[+-]?\d$/),
});

const PROPERTIES = checks({
  "border border-bottom border-left border-right border-top": isBorder,
  "font-style font-weight text-align": matches(/^[a-z]{4,8}$/),
  "margin-left padding-bottom padding-left padding-right padding-top width": isLength,
  "math-depth": matches(/^\d$/),
  padding: isLengths,
  [INK]: isColor,
  [PAINT]: isColor,
});

/** The attributes of a node, by name. */
export function attributesOf({ attributes = {} }: MathTree): [string, string][] {
  return allowed(attributes, ATTRIBUTES);
}

/** The CSS properties of a node, by name. */
export function propertiesOf({ style = {}, attributes = {} }: MathTree): [string, string][] {
  const { mathcolor, mathbackground } = attributes;
  return allowed({ ...style, [INK]: style.color ?? mathcolor, [PAINT]: mathbackground }, PROPERTIES);
}

function allowed(found: Readonly<Record<string, unknown>>, checked: ReadonlyMap<string, Check>) {
  return Object.entries(found)
    .map(([name, value]) => [hyphenated(name), value] as const)
    .filter((entry): entry is [string, string] => {
      const [name, value] = entry;
      return typeof value === "string" && (checked.get(name)?.(value) ?? false);
    });
}

function hyphenated(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
}

/** Splits checks for several names into one check per name. */
function checks(byNames: Record<string, Check>): ReadonlyMap<string, Check> {
  return new Map(
    Object.entries(byNames).flatMap(([names, check]) =>
      names.split(" ").map((name) => [name, check] as const),
    ),
  );
}
