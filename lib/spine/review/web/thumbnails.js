// Small pictures of the studies in sight: a few requests at a time, dropped when scrolled away.
import {picture} from '/api.js';

const MOST_REQUESTS = 4;
const MOST_KEPT = 300;

export class Thumbnails {
  onready = () => {};      // (position, address)
  #kept = new Map();       // position -> address of the picture, null: there is none; oldest first
  #running = new Map();    // position -> AbortController
  #wanted = [];            // positions, in order

  /** Asks for the pictures of these studies and of no others. */
  want(positions) {
    this.#wanted = positions;
    for (const [position, request] of this.#running) {
      if (!positions.includes(position)) request.abort();
    }
    this.#next();
  }

  /** The address of a picture; null if there is none, undefined if it is not there yet. */
  of(position) {
    return this.#kept.get(position);
  }

  #next() {
    for (const position of this.#wanted) {
      if (this.#running.size >= MOST_REQUESTS) return;
      if (!this.#kept.has(position) && !this.#running.has(position)) this.#load(position);
    }
  }

  async #load(position) {
    const request = new AbortController();
    this.#running.set(position, request);
    try {
      this.#keep(position, await picture(`/api/studies/${position}/thumbnail`, request.signal));
    } catch {
      if (!request.signal.aborted) this.#keep(position, null);
    }
    this.#running.delete(position);
    this.#next();
  }

  #keep(position, address) {
    this.#kept.set(position, address);
    for (const [old, unused] of this.#kept) {
      if (this.#kept.size <= MOST_KEPT) break;
      if (this.#wanted.includes(old)) continue;
      this.#kept.delete(old);
      if (unused) URL.revokeObjectURL(unused);
    }
    this.onready(position, address);
  }
}
