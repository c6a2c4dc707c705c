/** Attributes of an element that scrolls: it must be reached by keyboard, too. */
export const SCROLLABLE = { tabIndex: 0 };
