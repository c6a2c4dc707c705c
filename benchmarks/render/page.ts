/** What runs in the page. */
export { open } from "./opening";
export { stream } from "./paced";
export { advance, finish, start } from "./steps";
