import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Painter, type TextSink } from "./painter";

/** Draws into a string; throttles or throws when told to. */
class StringSink implements TextSink {
  drawn = "";
  previewed = "";
  calls: string[] = [];
  busy = 0;
  #pending = "";

  append(delta: string): void {
    this.#pending += delta;
  }

  flush(): boolean {
    if (this.busy > 0) {
      this.busy -= 1;
      return false;
    }
    this.drawn += this.#pending;
    this.#pending = "";
    return true;
  }

  reset(text: string, done: boolean): void {
    this.calls.push(`reset ${done}`);
    this.drawn = text;
    this.#pending = "";
  }

  preview(text: string): void {
    this.previewed = text;
  }

  finish(): void {
    this.flush();
    this.calls.push("finish");
  }
}

let frames: FrameRequestCallback[] = [];
let time = 0;

const onError = (error: unknown) => {
  throw error;
};

/** Runs the animation frames that were asked for, 16 ms later. */
function nextFrame(): void {
  time += 16;
  for (const frame of frames.splice(0)) frame(time);
}

function allFrames(): void {
  while (frames.length > 0) nextFrame();
}

beforeEach(() => {
  frames = [];
  time = 0;
  vi.stubGlobal("requestAnimationFrame", (frame: FrameRequestCallback) => frames.push(frame));
  vi.stubGlobal("cancelAnimationFrame", () => {
    frames = [];
  });
});
afterEach(() => vi.unstubAllGlobals());

describe("Painter", () => {
  it("draws nothing between animation frames, however often the text changes", () => {
    const sink = new StringSink();
    const painter = new Painter(sink, { onError });
    painter.open("", false);
    painter.update("a", false);
    painter.update("ab", false);
    expect([sink.drawn, frames.length]).toEqual(["", 1]);
    nextFrame();
    expect([sink.drawn, frames.length]).toEqual(["ab", 0]);
  });

  it("drains a burst over several frames and loses nothing", () => {
    const sink = new StringSink();
    const painter = new Painter(sink, { onError });
    painter.open("", false);
    const burst = "0123456789".repeat(200);
    painter.update(burst, false);
    nextFrame();
    expect(sink.drawn.length).toBeGreaterThan(0);
    expect(sink.drawn.length).toBeLessThan(burst.length);
    allFrames();
    expect(sink.drawn).toBe(burst);
    // About a quarter of a second of frames.
    expect(time).toBeLessThan(400);
  });

  it("draws a burst at once for readers who prefer reduced motion, and at the end", () => {
    const burst = "x".repeat(5000);
    for (const [immediate, done] of [
      [true, false],
      [false, true],
    ] as const) {
      const sink = new StringSink();
      const painter = new Painter(sink, { onError, immediate });
      painter.open("", false);
      painter.update(burst, done);
      nextFrame();
      expect(sink.drawn).toBe(burst);
    }
  });

  it("finishes once, after the last text", () => {
    const sink = new StringSink();
    const painter = new Painter(sink, { onError });
    painter.open("a", false);
    painter.update("ab", true);
    painter.update("ab", true);
    allFrames();
    expect(sink.calls).toEqual(["reset false", "finish"]);
    expect(sink.drawn).toBe("ab");
  });

  it("comes back in the next frame when the renderer is too busy to draw", () => {
    const sink = new StringSink();
    const painter = new Painter(sink, { onError });
    painter.open("", false);
    sink.busy = 2;
    painter.update("late", false);
    nextFrame();
    nextFrame();
    expect([sink.drawn, frames.length]).toEqual(["", 1]);
    nextFrame();
    expect([sink.drawn, frames.length]).toEqual(["late", 0]);
  });

  it("never draws half a surrogate pair", () => {
    const sink = new StringSink();
    const painter = new Painter(sink, { onError });
    painter.open("", false);
    painter.update("😀".repeat(500), false);
    while (frames.length > 0) {
      nextFrame();
      expect(sink.drawn.length % 2).toBe(0);
    }
    expect(sink.drawn).toBe("😀".repeat(500));
  });

  it("starts again when the text is another one", () => {
    const sink = new StringSink();
    const painter = new Painter(sink, { onError });
    painter.open("first answer", true);
    painter.update("second", false);
    expect(sink.drawn).toBe("second");
    painter.update("second answer", true);
    allFrames();
    expect(sink.drawn).toBe("second answer");
    expect(sink.calls).toEqual(["reset true", "reset false", "finish"]);
  });

  it("draws what is left on demand: a page that was hidden had no frames", () => {
    const sink = new StringSink();
    const painter = new Painter(sink, { onError });
    painter.open("", false);
    painter.update("y".repeat(5000), true);
    painter.flush();
    expect(sink.drawn).toBe("y".repeat(5000));
    expect(sink.calls).toEqual(["reset false", "finish"]);
  });

  it("hands errors of the renderer on instead of throwing them into the stream", () => {
    const sink = new StringSink();
    const broken = new Error("broken");
    const report = vi.fn();
    const painter = new Painter(sink, { onError: report });
    painter.open("", false);
    sink.flush = () => {
      throw broken;
    };
    painter.update("a", false);
    nextFrame();
    expect(report).toHaveBeenCalledWith(broken);
  });

  it("draws what is open behind all of the text, and removes it again", () => {
    const sink = new StringSink();
    const painter = new Painter(sink, { onError });
    painter.open("", false);
    painter.update("", false, "| 0 | O… |");
    allFrames();
    expect(sink.previewed).toBe("| 0 | O… |");
    const rows = "| 0 | Oslo |".repeat(100);
    painter.update(rows, false, "| 1 | B… |");
    nextFrame();
    expect([sink.drawn === rows, sink.previewed]).toEqual([false, "| 0 | O… |"]);
    allFrames();
    expect([sink.drawn === rows, sink.previewed]).toEqual([true, "\n| 1 | B… |"]);
    painter.update(rows, false, "");
    allFrames();
    expect(sink.previewed).toBe("");
  });

  it("draws nothing more once it is disposed of", () => {
    const sink = new StringSink();
    const painter = new Painter(sink, { onError });
    painter.open("", false);
    painter.update("a", false);
    painter.dispose();
    allFrames();
    expect(sink.drawn).toBe("");
  });
});
