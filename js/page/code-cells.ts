import type { InsertCode } from "../render";
import { pageWide } from "./shared";

/** Lets blocks of code become cells of the notebook around them; the JupyterLab extension sets `insert`. */
export const codeCells = pageWide<{ insert: InsertCode }>("code-cells/1");
