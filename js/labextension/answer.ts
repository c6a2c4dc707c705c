import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { EMPTY_SNAPSHOT, ReplyStore } from "../core/store";
import type { SavedVersion, SavedVersions } from "./saved";
import { scoredTexts } from "./scored-texts";

/** Makes a version the current one; resolves to whether the kernel accepted it. */
export type Choose = (number: number) => Promise<boolean>;

/** A saved answer with its versions: which one is shown, and which one the conversation continues from. */
export class SavedAnswer {
  readonly store = new ReplyStore(EMPTY_SNAPSHOT);
  readonly #versions: Signal<readonly SavedVersion[]> = signal([]);
  readonly #shown = signal(0);
  readonly #stale = signal(false);
  /** Index of the current version, as far as the kernel has reported it. */
  readonly #active = signal(0);
  /** Number of choices that the kernel has not answered yet. */
  readonly #asking = signal(0);
  #draws = 0;

  /** Index of the version that is shown. */
  get shown(): ReadonlySignal<number> {
    return this.#shown;
  }

  /** Whether the output says that an earlier turn had changed. */
  get stale(): ReadonlySignal<boolean> {
    return this.#stale;
  }

  /** Id of the shown reply in its kernel; "" if it was not saved. */
  readonly replyId = computed(() => this.#versions.value[this.#shown.value]?.snapshot.id ?? "");

  /** Tokens of the version that is shown, with their probabilities; empty where none were saved. */
  readonly tokens = computed(() => scoredTexts(this.#versions.value[this.#shown.value]));

  readonly count = computed(() => this.#versions.value.length);

  /** Whether the shown version is not the current one. */
  readonly onlyShown = computed(() => this.#asking.value === 0 && this.#active.value !== this.#shown.value);

  /** Sets the versions of an output, and shows the current one, or the one that the user chose before. */
  load({ versions, active, stale }: SavedVersions): void {
    const shown = this.#chosenAmong(versions, active) ?? active;
    batch(() => {
      this.#versions.value = versions;
      this.#active.value = active;
      this.#stale.value = stale;
      this.#show(shown);
    });
  }

  /**
   * The output is written again shortly after a restart: the version that the user chose in between stays.
   */
  #chosenAmong(versions: readonly SavedVersion[], active: number): number | null {
    const before = this.#versions.peek()[this.#active.peek()]?.snapshot.id;
    const chosen = this.#active.peek() !== this.#shown.peek() && this.replyId.peek();
    if (!chosen || !before || before !== versions[active]?.snapshot.id) return null;
    const index = versions.findIndex(({ snapshot }) => snapshot.id === chosen);
    return index < 0 ? null : index;
  }

  /** Shows a version, and asks the kernel to continue the conversation from it. */
  async choose(index: number, choose: Choose): Promise<void> {
    const versions = this.#versions.peek();
    const version = versions[index];
    if (!version) return;
    this.#asking.value += 1;
    this.#show(index);
    const taken = await choose(version.number).catch(() => false);
    if (taken && versions === this.#versions.peek()) this.#active.value = index;
    this.#asking.value -= 1;
  }

  #show(index: number): void {
    const version = this.#versions.peek()[index];
    if (!version) return;
    this.#draws += 1;
    this.#shown.value = index;
    this.store.applySnapshot({ ...version.snapshot, seq: this.#draws });
  }
}
