/** The icons that only the chat has, see `reply/icons.tsx`. */

import { Icon } from "../reply/icons";

const drawn = (path: string) => () => (
  <Icon>
    <path d={path} />
  </Icon>
);

export const SendIcon = drawn("M8 13V3.5M3.5 7.5 8 3l4.5 4.5");
export const DownIcon = drawn("M8 3v9.5M3.5 8.5 8 13l4.5-4.5");
export const AttachIcon = drawn(
  "M13 7.5 7.9 12.6a3 3 0 0 1-4.3-4.3l5.4-5.4a2 2 0 0 1 2.9 2.9l-5.3 5.3a1 1 0 0 1-1.5-1.4l4.7-4.7",
);
export const SettingsIcon = drawn(
  "M2 4.5h6.5M12.5 4.5H14M2 11.5h1.5M7.5 11.5H14M8.5 4.5a2 2 0 1 0 4 0 2 2 0 0 0-4 0M3.5 11.5a2 2 0 1 0 4 0 2 2 0 0 0-4 0",
);
export const DownloadIcon = drawn("M8 2.5V10M4.5 7 8 10.5 11.5 7M2.5 13.5h11");
export const DeleteIcon = drawn("M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.6 9h6.8l.6-9M6.7 7v4M9.3 7v4");
export const UndoIcon = drawn("M5.5 3 2.5 6l3 3M2.5 6h7a4 4 0 0 1 0 8H6");
export const RegenerateIcon = drawn("M13 8a5 5 0 1 1-1.6-3.7L13 6M13 2.5V6H9.5");
export const EditIcon = drawn("M10.5 3.5 12.5 5.5 5.5 12.5 3 13l.5-2.5Z");
export const ExpandIcon = drawn("M4 6.5 8 10.5l4-4");
export const RemoveIcon = drawn("M4.5 4.5l7 7M11.5 4.5l-7 7");
