/**
 * Checks the layers of the folders: a file imports from its own folder and from folders of lower layers, and no files
 * import one another in a circle. Imports of types count as well.
 *
 *     node layers.mjs
 */

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const HERE = import.meta.dirname;

/** High to low. Folders of one layer do not import from one another. */
export const LAYERS = [
  ["labextension", "react"],
  ["widget", "chat", "grid", "batch", "loader"],
  ["inspector"],
  ["reply"],
  ["kernel", "page", "math", "table"],
  ["render"],
  ["core"],
];

/** Tests may import everything. */
const NOT_CHECKED = /(^|\/)(node_modules|build|dist|tests|testing)\/|\.test\.tsx?$/;
const CHECKED = /\.(ts|tsx|css)$/;
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]*)"/g;

/** Sentences about what is wrong with `sources`, the texts of files by their paths. */
export function faultsOf(sources) {
  const imports = new Map([...sources].map(([file, text]) => [file, importsOf(file, text, sources)]));
  const unknown = [...new Set([...sources.keys()].map(folderOf))].filter((folder) => layerOf(folder) < 0);
  const upward = [...imports].flatMap(([file, targets]) =>
    targets
      .filter((target) => !isAllowed(file, target))
      .map((target) => `${file} must not import ${target}.`),
  );
  return [...unknown.map((folder) => `The folder ${folder} has no layer.`), ...upward, ...circlesIn(imports)];
}

function importsOf(file, text, sources) {
  return [...text.matchAll(IMPORT)].map(([, specifier]) => {
    const target = path.posix.join(path.posix.dirname(file), specifier);
    const candidates = ["", ".ts", ".tsx", ".css", "/index.ts", "/index.tsx"].map((end) => target + end);
    return candidates.find((candidate) => sources.has(candidate)) ?? target;
  });
}

function isAllowed(file, target) {
  const [own, other] = [folderOf(file), folderOf(target)];
  if (own === other) return true;
  return layerOf(other) > layerOf(own);
}

function folderOf(file) {
  return file.split("/")[0];
}

/** -1 for a folder that is not in the list. */
function layerOf(folder) {
  return LAYERS.findIndex((layer) => layer.includes(folder));
}

/** One sentence for each circle that a search in depth meets. */
function circlesIn(imports) {
  const circles = [];
  const done = new Set();
  const visit = (file, way) => {
    if (way.includes(file)) circles.push(`${[...way.slice(way.indexOf(file)), file].join(" imports ")}.`);
    else if (!done.has(file)) for (const target of imports.get(file) ?? []) visit(target, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return circles;
}

function readSources() {
  const files = readdirSync(HERE, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() && !NOT_CHECKED.test(`${entry.name}/`) ? filesIn(entry.name) : [],
  );
  return new Map(files.map((file) => [file, readFileSync(path.join(HERE, file), "utf8")]));
}

function filesIn(folder) {
  const names = readdirSync(path.join(HERE, folder), { withFileTypes: true });
  return names.flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NOT_CHECKED.test(`${name}/`) ? [] : filesIn(name);
    return CHECKED.test(name) && !NOT_CHECKED.test(name) ? [name] : [];
  });
}

if (import.meta.filename === process.argv[1]) {
  const sources = readSources();
  const faults = faultsOf(sources);
  for (const fault of faults) console.error(fault);
  console.log(`Layers of JavaScript: ${sources.size} files, ${faults.length} faults.`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
