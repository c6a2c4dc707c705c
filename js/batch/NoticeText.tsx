import { visible } from "../render/invisible";
import { WarningIcon } from "../reply/icons";

export function NoticeText({ text }: { text: string }) {
  return (
    <p class="nbs-notice" role="status">
      <WarningIcon />
      <span>{visible(text)}</span>
    </p>
  );
}
