/**
 * The page with the renderer in it, for tests: `drawing.ts` as the global `drawing`, and the stylesheet.
 *
 *     node browser/render/page.mjs > page.html
 */
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import aliases from "../../../render/aliases.mjs";

const HERE = import.meta.dirname;

/** The page as HTML; it loads nothing. */
export async function pageHtml() {
  const { outputFiles } = await build({
    entryPoints: {
      script: path.join(HERE, "drawing.ts"),
      style: path.join(HERE, "../../../render/render.css"),
    },
    bundle: true,
    format: "iife",
    globalName: "drawing",
    alias: aliases,
    outdir: "out",
    write: false,
  });
  const text = (end) => outputFiles.find((file) => file.path.endsWith(end))?.text ?? "";
  const script = text(".js").replaceAll("</script", "<\\/script");
  return `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><style>${text(".css")}</style>
<body class="nbstream"><script>${script}</script>`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.stdout.write(await pageHtml());
