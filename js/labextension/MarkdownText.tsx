/** Draws the Markdown of an output whose data cannot be drawn: loaded when a page has one. */

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { NoticeLine } from "../reply/messages";
import { mount } from "../reply/mount";
import { Prose } from "../reply/Prose";
import { followTheme } from "../reply/theme";
import { typesetterFrom } from "../reply/typesetting";

const typeset = typesetterFrom(() => import("../math"));

export interface MarkdownTextProps {
  markdown: string;
  /** Why only the text is drawn; "" if there is no reason to give. */
  notice?: string;
}

/** Draws Markdown into `host` until the returned function is called. */
export function mountText(host: HTMLElement, markdown: string, notice = ""): () => void {
  return mount(host, typeset, <MarkdownText markdown={markdown} notice={notice} />);
}

export function MarkdownText({ markdown, notice }: MarkdownTextProps) {
  const root = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => (root.current ? followTheme(root.current) : undefined), []);
  return (
    <div ref={root} class="nbstream">
      <Prose key={markdown} class="nbs-prose" text={signal(markdown)} done={signal(true)} />
      {notice && <NoticeLine text={notice} warns={false} />}
    </div>
  );
}
