import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { DeliberatePress } from "./deliberate-press";

let seen: (inSight: boolean) => void;

class Observer {
  constructor(callback: (entries: { isIntersecting: boolean }[]) => void) {
    seen = (inSight) => callback([{ isIntersecting: inSight }]);
  }
  observe(): void {}
  disconnect(): void {}
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("IntersectionObserver", Observer);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function appeared(): DeliberatePress {
  const press = new DeliberatePress();
  press.watch({} as Element);
  seen(true);
  return press;
}

const key = (repeat = false) => ({ repeat }) as KeyboardEvent;

it("counts once the button has been in sight for a second", () => {
  const press = appeared();
  press.begin();
  expect(press.counts()).toBe(false);
  vi.advanceTimersByTime(999);
  expect(press.counts()).toBe(false);
  vi.advanceTimersByTime(1);
  press.begin();
  expect(press.counts()).toBe(true);
});

it("does not count where it began too early", () => {
  const press = appeared();
  press.begin();
  vi.advanceTimersByTime(2000);
  expect(press.counts()).toBe(false);
  press.key(key());
  expect(press.counts()).toBe(true);
});

it("does not count where a key is held down", () => {
  const press = appeared();
  vi.advanceTimersByTime(2000);
  press.key(key(true));
  expect(press.counts()).toBe(false);
});

it("counts for those who click without pointer or keys", () => {
  const press = appeared();
  vi.advanceTimersByTime(2000);
  expect(press.counts()).toBe(true);
});

it("counts the time again when the button comes back in sight", () => {
  const press = appeared();
  vi.advanceTimersByTime(2000);
  seen(false);
  seen(true);
  expect([press.ready.value, press.counts()]).toEqual([false, false]);
});
