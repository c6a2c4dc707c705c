// biome-ignore-all lint/a11y/useSemanticElements: a fieldset is for forms.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: the arrow keys select a token in it.
/** The tokens of an answer, shaded by probability; the alternatives of one are named below. */

import { useSignal } from "@preact/signals";
import { h, render } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { visible } from "../render";
import { followTheme } from "../reply/theme";
import { type ScoredText, scoredTexts } from "./scored-texts";

/** Draws the tokens into `host` until the returned function is called. */
export function mountTokens(host: HTMLElement, saved: unknown): () => void {
  render(h(SavedTokens, { tokens: scoredTexts(saved) }), host);
  return () => render(null, host);
}

function SavedTokens({ tokens }: ShadedTextProps) {
  const root = useRef<HTMLElement>(null);
  useLayoutEffect(() => (root.current ? followTheme(root.current) : undefined), []);
  return (
    <article ref={root} class="nbstream" data-lm-suppress-shortcuts="true" aria-label="Tokens of the answer">
      <ShadedText tokens={tokens} />
    </article>
  );
}

export interface ShadedTextProps {
  tokens: readonly ScoredText[];
}

/** The text of the tokens, as the model wrote it: Markdown cannot be shaded once it is drawn. */
export function ShadedText({ tokens }: ShadedTextProps) {
  const active = useSignal(-1);
  const onMouseOver = ({ target }: MouseEvent) => {
    const index = target instanceof HTMLElement ? target.dataset.index : undefined;
    if (index !== undefined) active.value = Number(index);
  };
  const onFocus = () => {
    active.value = Math.max(0, active.value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    active.value = Math.min(tokens.length - 1, Math.max(0, active.value + step));
  };
  return (
    <>
      <div
        class="nbs-tokens"
        role="group"
        aria-label="Tokens"
        tabIndex={0}
        onKeyDown={onKeyDown}
        onMouseOver={onMouseOver}
        onFocus={onFocus}
      >
        {tokens.map(({ text, probability }, index) => (
          <span
            class="nbs-token"
            key={index.toString()}
            data-index={index}
            style={{ "--nbs-doubt": 1 - probability }}
            aria-current={active.value === index ? "true" : undefined}
          >
            {visible(text)}
          </span>
        ))}
      </div>
      <div class="nbs-token-facts" role="status">
        {factsOf(tokens[active.value])}
      </div>
    </>
  );
}

/** One line about a token. */
export function factsOf(token: ScoredText | undefined): string {
  if (!token) return "Point at a token, or use the arrow keys.";
  const others = token.top.map(([text, probability]) => `${quoted(text)} ${percent(probability)}`);
  const rest = others.length > 0 ? `; alternatives: ${others.join(", ")}` : "";
  return `${quoted(token.text)} ${percent(token.probability)}${rest}`;
}

const quoted = (text: string) => visible(JSON.stringify(text));
const percent = (probability: number) => `${(probability * 100).toFixed(1)} %`;
