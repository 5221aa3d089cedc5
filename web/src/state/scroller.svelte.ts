// Where a room's messages are scrolled to. It stays at the newest when it was there; else it keeps
// what is being read at its place, whatever is added above or below.

const NEAR = 48;

export class Scroller {
  atEnd = $state(true);
  #box: HTMLElement | null = null;
  #mark: { element: HTMLElement; top: number } | null = null;

  /** Use as an action on the scrolling box. */
  attach = (box: HTMLElement) => {
    this.#box = box;
    const observer = new ResizeObserver(() => this.#settle());
    observer.observe(box);
    if (box.firstElementChild) observer.observe(box.firstElementChild);
    return {
      destroy: () => {
        observer.disconnect();
        this.#box = null;
      },
    };
  };

  scrolled(): void {
    const box = this.#box;
    if (box) this.atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
  }

  get nearStart(): boolean {
    return this.#box !== null && this.#box.scrollTop < 240;
  }

  toEnd(): void {
    this.atEnd = true;
    if (this.#box) this.#box.scrollTop = this.#box.scrollHeight;
  }

  /** Bring an element to the top of what is seen. */
  show(element: HTMLElement): void {
    const box = this.#box;
    if (!box) return;
    box.scrollTop += element.getBoundingClientRect().top - box.getBoundingClientRect().top;
    this.scrolled();
  }

  /**
   * Before the messages change: remember the first one in sight. Not the very first of all: with
   * older ones above it, it may lose its name, and so change its height.
   */
  remember(): void {
    this.#mark = null;
    const box = this.#box;
    if (!box || this.atEnd) return;
    const edge = box.getBoundingClientRect().top;
    const [, ...rows] = box.querySelectorAll<HTMLElement>("[data-seq]");
    for (const element of rows) {
      const spot = element.getBoundingClientRect();
      if (spot.bottom <= edge) continue;
      this.#mark = { element, top: spot.top };
      return;
    }
  }

  /** After they changed: put it where it was. */
  restore(): void {
    if (this.atEnd) return this.toEnd();
    const mark = this.#mark;
    if (!mark?.element.isConnected || !this.#box) return;
    this.#box.scrollTop += mark.element.getBoundingClientRect().top - mark.top;
  }

  #settle(): void {
    if (this.atEnd) this.toEnd();
    else this.scrolled();
  }
}
