// What is being moved and not put down yet.

const LATER = 500;  // milliseconds after the last arrow key
const MOVES = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Shift'];

/**
 * A handle is held by the pointer until that is lifted; moves by arrow keys are put down half a
 * second after the last, or before any other key or a pointer has its effect. While a handle is
 * held by the pointer, keys have no effect.
 */
export class Hold {
  by_pointer = false;
  #timer = null;

  /** @param put_down  called once after moves by keys */
  constructor(put_down) {
    this.put_down = put_down;
    document.addEventListener('keydown', (event) => {
      if (this.by_pointer && event.key !== 'Shift') {
        event.preventDefault();
        event.stopImmediatePropagation();
      } else if (!MOVES.includes(event.key)) {
        this.finish();
      }
    }, true);
    document.addEventListener('pointerdown', () => this.finish(), true);
    window.addEventListener('blur', () => this.finish());
  }

  get active() {
    return this.by_pointer || this.#timer !== null;
  }

  /** After a move by a key. */
  moved() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.finish(), LATER);
  }

  finish() {
    if (this.#timer === null) return;
    this.#stop();
    this.put_down();
  }

  /** What was held is not there any more. */
  drop() {
    this.#stop();
    this.by_pointer = false;
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }
}
