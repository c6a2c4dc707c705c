/** Package name to the file that stands in for it. */
declare const aliases: Record<string, string>;
export default aliases;
