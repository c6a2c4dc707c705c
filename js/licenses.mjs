/** The licences of the packages whose code is in what is shipped, as those licences ask for. */

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/** Behind its own licence, Vite lists those of the packages that it is made of: they are not in what it builds. */
const OF_OTHERS = /^# Licenses of bundled dependencies/m;

/** Where the build writes its own excerpts of packages. */
const GENERATED = /^build\/node_modules|(?<=\/)build\/node_modules/;

/** Code that the bundler itself adds: the names of its modules begin with a NUL. */
const RUNTIME = /^\0(vite|rolldown)\//;

/**
 * The folders of the packages that some bundled modules are of.
 *
 * @param modules Names as the bundlers give them: paths, or ids of what has no file.
 * @param root Folder that relative paths start from.
 */
export function packagesOf(modules, root) {
  const folders = modules.map((module) => {
    const bundler = module.match(RUNTIME)?.[1];
    if (bundler) return path.join(root, "node_modules", bundler);
    return path
      .resolve(root, module.replace(/^\0/, "").replace(GENERATED, "node_modules"))
      .match(PACKAGE)?.[1];
  });
  return [...new Set(folders)].filter(Boolean);
}

/** The licences of packages by their folders, sorted by name; of one that is there twice, once. */
export async function licensesOf(folders) {
  const all = await Promise.all(folders.map(licenseOf));
  const known = new Map(all.map((license) => [`${license.name} ${license.versionInfo}`, license]));
  return [...known.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** The same as one text. */
export function asText(licenses) {
  const line = "=".repeat(78);
  return licenses
    .map(({ name, versionInfo, extractedText }) => `${name} ${versionInfo}\n${line}\n${extractedText}\n`)
    .join("\n");
}

async function licenseOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} is bundled and has no licence file. Ship it in js/licenses.mjs.`);
  const text = await readFile(path.join(folder, file), "utf8");
  return { name, versionInfo: version, licenseId: license, extractedText: text.split(OF_OTHERS)[0].trim() };
}
