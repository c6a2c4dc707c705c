import { describe, expect, it } from "vitest";
import { newCell } from "./new-cell";

describe("the cell for a block of code", () => {
  it.each([
    ["python", "x = 1\n", "code", "x = 1"],
    ["Py", "x = 1", "code", "x = 1"],
    ["", "x = 1\n\n", "code", "x = 1\n"],
    ["bash", "ls\n", "code", "%%bash\nls"],
    ["sh", "ls\n", "code", "%%sh\nls"],
    ["JS", "alert(1)\n", "code", "%%javascript\nalert(1)"],
    ["json", "{}\n", "raw", "{}"],
    ["markdown", "![](https://a.example/x.png)\n", "raw", "![](https://a.example/x.png)"],
    ["sql", "SELECT 1\n", "raw", "SELECT 1"],
    ["constructor", "x\n", "raw", "x"],
  ])("in %j is %j as %s", (language, code, cell_type, source) => {
    expect(newCell(language, code)).toEqual({ cell_type, source });
  });
});
