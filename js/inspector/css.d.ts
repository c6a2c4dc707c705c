declare module "*.css" {
  /** The text of the stylesheet. */
  const css: string;
  export default css;
}
