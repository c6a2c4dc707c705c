/** Which cell a block of an answer's code becomes. */

export interface NewCell {
  cell_type: "code" | "raw";
  source: string;
}

const PYTHON = new Set(["", "py", "python", "python3", "ipython", "ipython3", "py3"]);

/** Cell magics that IPython always has. */
const MAGICS = new Map([
  ["bash", "bash"],
  ["html", "html"],
  ["javascript", "javascript"],
  ["js", "javascript"],
  ["latex", "latex"],
  ["perl", "perl"],
  ["ruby", "ruby"],
  ["sh", "sh"],
  ["shell", "bash"],
  ["svg", "svg"],
  ["tex", "latex"],
]);

/**
 * Code without a language counts as Python. Other languages run under the cell magic that IPython has for them. What
 * the kernel cannot run becomes a raw cell; Markdown as well, since a Markdown cell could load images from the web.
 */
export function newCell(language: string, code: string): NewCell {
  const name = language.toLowerCase();
  const source = code.replace(/\n$/, "");
  if (PYTHON.has(name)) return { cell_type: "code", source };
  const magic = MAGICS.get(name);
  return magic ? { cell_type: "code", source: `%%${magic}\n${source}` } : { cell_type: "raw", source };
}
