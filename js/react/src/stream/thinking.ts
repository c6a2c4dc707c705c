/**
 * Reasoning that a server sends inside the text, between tags at the very beginning of the answer. The twin of
 * `nbstream/wire/thinking.py`.
 */

/** Of most models; Magistral, Seed, Kimi, and gpt-oss where its server does not read its format. */
const CLOSED_BY = [
  ["<think>", "</think>"],
  ["<thinking>", "</thinking>"],
  ["<thought>", "</thought>"],
  ["[THINK]", "[/THINK]"],
  ["<seed:think>", "</seed:think>"],
  ["\u25c1think\u25b7", "\u25c1/think\u25b7"],
  ["<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"],
] as const;

/** Characters of white space before a tag; an answer that begins with more is not held back. */
const MOST_SPACE = 64;

/** A piece of text, classified. */
export interface Said {
  reasoning: string;
  text: string;
}

/** Splits the text of an answer. Only a tag at its very beginning counts; the tags may be cut anywhere. */
export class ThinkTags {
  #held = "";
  #close = "";
  #begun = false;
  /** Past the tags: `"space"` until the text begins, then `"text"`. */
  #after: "" | "space" | "text" = "";

  /** Classifies the next piece; what may become a tag is held back. */
  split(piece: string): Said {
    if (this.#after) return { reasoning: "", text: this.#afterTags(piece) };
    this.#held += piece;
    return this.#close ? this.#reasoning() : this.#beginning();
  }

  /** Classifies the held-back text as it is. */
  flush(): Said {
    const held = this.#held;
    this.#held = "";
    return this.#close ? { reasoning: held, text: "" } : { reasoning: "", text: held };
  }

  #beginning(): Said {
    const start = withoutSpace(this.#held);
    const likely = this.#held.length - start.length <= MOST_SPACE ? CLOSED_BY : [];
    const found = likely.find(([tag]) => start.startsWith(tag));
    if (found) {
      this.#held = start.slice(found[0].length);
      this.#close = found[1];
      return this.#reasoning();
    }
    if (likely.some(([tag]) => tag.startsWith(start))) return { reasoning: "", text: "" };
    this.#after = "text";
    return this.flush();
  }

  #reasoning(): Said {
    const end = this.#held.indexOf(this.#close);
    if (end < 0) {
      const thought = this.#held.slice(0, this.#held.length - overlap(this.#held, this.#close));
      this.#held = this.#held.slice(thought.length);
      return { reasoning: this.#added(thought), text: "" };
    }
    const thought = this.#held.slice(0, end);
    const rest = this.#held.slice(end + this.#close.length);
    this.#held = "";
    this.#close = "";
    this.#after = "space";
    return { reasoning: this.#added(thought), text: this.#afterTags(rest) };
  }

  /** The reasoning without the white space after the tag. */
  #added(thought: string): string {
    const added = this.#begun ? thought : withoutSpace(thought);
    this.#begun ||= added !== "";
    return added;
  }

  #afterTags(piece: string): string {
    if (this.#after === "text") return piece;
    const text = withoutSpace(piece);
    if (text) this.#after = "text";
    return text;
  }
}

function withoutSpace(text: string): string {
  return text.replace(/^[ \t\r\n]+/, "");
}

/** How many characters at the end of the text may be the beginning of the tag. */
function overlap(text: string, tag: string): number {
  for (let size = Math.min(tag.length - 1, text.length); size > 0; size -= 1)
    if (text.endsWith(tag.slice(0, size))) return size;
  return 0;
}
