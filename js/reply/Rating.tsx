/** Thumbs below an answer, with a note. */

import { type Signal, useSignal } from "@preact/signals";
import type { Rating } from "../core/protocol";
import type { ReplyStore } from "../core/store";
import { Refused } from "../kernel/requests";
import { visible } from "../render";
import { ThumbIcon } from "./icons";
import { NoticeLine } from "./messages";

/** Rates an answer, or removes its rating with 0; rejects with the reason if the kernel does not accept it. */
export type Rate = (score: 1 | 0 | -1, note: string) => Promise<unknown>;

const UNSENT = "The kernel did not receive the rating.";
const NOTE_CHARS = 2000;

export interface RatingControl {
  rating: Rating | undefined;
  /** Undefined without a kernel. */
  rate: ((score: 1 | 0 | -1, note: string) => void) | undefined;
  editing: Signal<boolean>;
  failure: string;
}

export function useRating(store: ReplyStore, onRate: Rate | undefined): RatingControl {
  const editing = useSignal(false);
  const failure = useSignal("");
  const rate = (score: 1 | 0 | -1, note: string) => {
    editing.value = false;
    failure.value = "";
    onRate?.(score, note).catch((error) => {
      failure.value = error instanceof Refused ? error.message : UNSENT;
    });
  };
  const { rating } = store.meta.value;
  return { rating, rate: onRate && rate, editing, failure: failure.value };
}

/** The buttons; without a kernel, the rating as an icon. */
export function Thumbs({ control: { rating, rate } }: { control: RatingControl }) {
  if (!rate) return rating ? <Rated {...rating} /> : null;
  return (
    <>
      {([1, -1] as const).map((score) => {
        const pressed = rating?.score === score;
        const label = score > 0 ? "Good answer" : "Bad answer";
        return (
          <button
            key={score}
            type="button"
            class="nbs-button nbs-thumb"
            aria-pressed={pressed}
            aria-label={label}
            title={pressed ? "Remove the rating" : label}
            onClick={() => rate(pressed ? 0 : score, pressed ? "" : (rating?.note ?? ""))}
          >
            <ThumbIcon down={score < 0} />
          </button>
        );
      })}
    </>
  );
}

function Rated({ score }: Rating) {
  const label = score > 0 ? "Rated as good" : "Rated as bad";
  return (
    <span class="nbs-rated" role="img" aria-label={label} title={label}>
      <ThumbIcon down={score < 0} />
    </span>
  );
}

/** The note of a rating below the answer, and the box in which it is written. */
export function RatingNote({ control }: { control: RatingControl }) {
  const { rating, rate, editing, failure } = control;
  return (
    <>
      {rating && (rate || rating.note) && (
        <div class="nbs-note">
          {editing.value && rate ? (
            <NoteBox rating={rating} rate={rate} editing={editing} />
          ) : (
            <>
              <span>{visible(rating.note)}</span>
              {rate && (
                <button
                  type="button"
                  class="nbs-button"
                  onClick={() => {
                    editing.value = true;
                  }}
                >
                  {rating.note ? "Edit note" : "Add note"}
                </button>
              )}
            </>
          )}
        </div>
      )}
      {failure && <NoticeLine text={failure} />}
    </>
  );
}

interface NoteBoxProps {
  rating: Rating;
  rate: (score: 1 | 0 | -1, note: string) => void;
  editing: Signal<boolean>;
}

function NoteBox({ rating, rate, editing }: NoteBoxProps) {
  const box = useSignal<HTMLInputElement | null>(null);
  const save = () => rate(rating.score, box.peek()?.value ?? "");
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "Enter") save();
    else if (event.key === "Escape") editing.value = false;
    else return;
    event.stopPropagation();
  };
  const attach = (input: HTMLInputElement | null) => {
    if (input && !box.peek()) input.focus({ preventScroll: true });
    box.value = input;
  };
  return (
    <>
      <input
        ref={attach}
        class="nbs-note-box"
        aria-label="Note on the rating"
        placeholder="Why?"
        maxLength={NOTE_CHARS}
        defaultValue={rating.note}
        onKeyDown={onKeyDown}
      />
      <button type="button" class="nbs-button nbs-framed" onClick={save}>
        Save
      </button>
    </>
  );
}
