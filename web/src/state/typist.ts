// Says that I am writing, while I am. Only for those who let it be seen.
import { connection } from "../net/connection.svelte";

/** The server forgets after six seconds. */
const REPEAT_MS = 4_000;
const PAUSE_MS = 5_000;

export class Typist {
  #said = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly room: string) {}

  wrote(something: boolean): void {
    if (!something) return this.stop();
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.stop(), PAUSE_MS);
    if (Date.now() - this.#said < REPEAT_MS) return;
    this.#said = Date.now();
    void connection.request("typing:set", { room: this.room, on: true });
  }

  stop(): void {
    clearTimeout(this.#pause);
    if (this.#said === 0) return;
    this.#said = 0;
    void connection.request("typing:set", { room: this.room, on: false });
  }
}
