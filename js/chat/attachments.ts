/** Images attached to the next message. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { ImageRefused, readImage } from "./images";

const MAX_IMAGES = 8;
/**
 * Maximum total length of the data: URLs: a notebook server closes the connection on a message above 10 MB.
 */
const MAX_CHARACTERS = 8_000_000;

export class Attachments {
  readonly #images = signal<readonly string[]>([]);
  readonly #pending = signal(0);
  readonly #trouble = signal("");
  /** Whether images are still being read. */
  readonly reading = computed(() => this.#pending.value > 0);

  /** data: URLs. */
  get images(): ReadonlySignal<readonly string[]> {
    return this.#images;
  }

  /** Why the last image was refused, or "". */
  get trouble(): ReadonlySignal<string> {
    return this.#trouble;
  }

  set(images: readonly string[]): void {
    this.#images.value = images;
    this.#trouble.value = "";
  }

  remove(index: number): void {
    this.set(this.#images.peek().filter((_, other) => other !== index));
  }

  async add(files: Iterable<File>): Promise<void> {
    this.#trouble.value = "";
    this.#pending.value += 1;
    for (const file of files) {
      await this.#add(file).catch((error: unknown) => {
        if (!(error instanceof ImageRefused)) throw error;
        this.#trouble.value = error.message;
      });
    }
    this.#pending.value -= 1;
  }

  async #add(file: File): Promise<void> {
    const url = await readImage(file);
    const images = [...this.#images.peek(), url];
    if (images.length > MAX_IMAGES) throw new ImageRefused(`Attach at most ${MAX_IMAGES} images.`);
    if (images.join("").length > MAX_CHARACTERS)
      throw new ImageRefused(`${file.name} is too large to send with the others. Send it separately.`);
    this.#images.value = images;
  }
}
