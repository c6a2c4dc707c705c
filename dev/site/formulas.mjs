// Formulas as MathML: a JSON list of [TeX, whether it is a block] in, a JSON list of elements out.
import { readFileSync } from "node:fs";
import temml from "../../js/node_modules/temml/dist/temml.mjs";

const formulas = JSON.parse(readFileSync(0, "utf8"));
const elements = formulas.map(([tex, displayMode]) => temml.renderToString(tex, { displayMode }));
process.stdout.write(JSON.stringify(elements));
