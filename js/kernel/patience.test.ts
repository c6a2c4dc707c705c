import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Patience } from "./patience";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it("an answer is overdue after two seconds, until it has come", async () => {
  const patience = new Patience();
  let resolve = (_: null) => {};
  const promise = new Promise<null>((settle) => {
    resolve = settle;
  });
  patience.watch(promise);
  await vi.advanceTimersByTimeAsync(1900);
  expect(patience.overdue.value).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(patience.overdue.value).toBe(true);
  resolve(null);
  await vi.advanceTimersByTimeAsync(0);
  expect(patience.overdue.value).toBe(false);
});

it("a refusal is an answer, too, and one answer is not that to another command", async () => {
  const patience = new Patience();
  const refused = Promise.reject(new Error("No."));
  patience.watch(refused);
  patience.watch(new Promise(() => {}));
  await vi.advanceTimersByTimeAsync(3000);
  expect(patience.overdue.value).toBe(true);
  patience.watch(Promise.resolve());
  await vi.advanceTimersByTimeAsync(3000);
  expect(patience.overdue.value).toBe(true);
});
