import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { EMPTY_SNAPSHOT, ReplyStore } from "../core/store";
import type { SavedVersion, SavedVersions } from "./saved";
import { scoredTexts } from "./scored-texts";

/** Makes a version the one that counts; resolves to whether the kernel took it. */
export type Choose = (number: number) => Promise<boolean>;

/** A saved answer in all its versions: which one is shown, and which one the conversation goes on from. */
export class SavedAnswer {
  readonly store = new ReplyStore(EMPTY_SNAPSHOT);
  readonly #versions: Signal<readonly SavedVersion[]> = signal([]);
  readonly #shown = signal(0);
  readonly #stale = signal(false);
  /** Index of the version that counts, as far as the kernel has said. */
  readonly #active = signal(0);
  /** How many choices the kernel has not answered yet. */
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

  /** Id of the reply that is shown, as its kernel knew it; "" where it was not saved. */
  readonly replyId = computed(() => this.#versions.value[this.#shown.value]?.snapshot.id ?? "");

  /** Tokens of the version that is shown, with their probabilities; empty where none were saved. */
  readonly tokens = computed(() => scoredTexts(this.#versions.value[this.#shown.value]));

  readonly count = computed(() => this.#versions.value.length);

  /** Whether another version than the one that is shown counts. */
  readonly onlyShown = computed(() => this.#asking.value === 0 && this.#active.value !== this.#shown.value);

  /** Takes the versions of an output, and shows the one that counts, or still the one that the reader chose. */
  load({ versions, active, stale }: SavedVersions): void {
    const shown = this.#chosenAmong(versions, active) ?? active;
    batch(() => {
      this.#versions.value = versions;
      this.#active.value = active;
      this.#stale.value = stale;
      this.#show(shown);
    });
  }

  /** The output is written again a moment after a restart: what the reader looks at by then stays. */
  #chosenAmong(versions: readonly SavedVersion[], active: number): number | null {
    const before = this.#versions.peek()[this.#active.peek()]?.snapshot.id;
    const chosen = this.#active.peek() !== this.#shown.peek() && this.replyId.peek();
    if (!chosen || !before || before !== versions[active]?.snapshot.id) return null;
    const index = versions.findIndex(({ snapshot }) => snapshot.id === chosen);
    return index < 0 ? null : index;
  }

  /** Shows a version, and asks that the conversation go on from it. */
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
