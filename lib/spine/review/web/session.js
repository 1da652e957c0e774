// The open study: its state on the server, edits on their way, live values.
import {Refused, get, post} from '/api.js';
import {clone, difference} from '/landmarks.js';

/**
 * Events: onstate(state) when the server's state arrives and nothing is being dragged;
 * onvalues(values); onproblem(kind, error, retry) with kind "save" or "conflict"; onsaved().
 */
export class Session {
  position = -1;
  state = null;      // as the server sent it last
  landmarks = null;  // as drawn
  onstate = () => {};
  onvalues = () => {};
  onproblem = () => {};
  onsaved = () => {};
  is_dragging = () => false;
  #queue = [];
  #sending = false;
  #asked = null;
  #asking = false;
  #active_since = performance.now();

  get path() {
    return `/api/studies/${this.position}`;
  }

  /** Begins to count active time anew, after the reader did something else. */
  resume() {
    this.#active_since = performance.now();
  }

  get has_unsaved() {
    return this.#queue.length > 0;
  }

  async open(position) {
    const state = await get(`/api/studies/${position}`);
    this.position = position;
    this.state = null;
    this.#queue = [];
    this.#asked = null;
    this.#active_since = performance.now();
    this.#take(state);
  }

  #take(state) {
    this.state = {...this.state, ...state};
    if (this.is_dragging() || this.#queue.length) return;
    this.landmarks = clone(this.state.landmarks ?? null);
    this.onstate(this.state);
  }

  /** Asks for the values of landmarks that are being moved; the latest question wins. */
  ask(landmarks) {
    this.#asked = clone(landmarks);
    if (!this.#asking) this.#answer();
  }

  async #answer() {
    this.#asking = true;
    while (this.#asked) {
      const landmarks = this.#asked;
      this.#asked = null;
      const position = this.position;
      try {
        const values = await post(`${this.path}/values`, {landmarks});
        if (position === this.position) this.onvalues(values);
      } catch (error) {
        if (!(error instanceof Refused)) break;
      }
    }
    this.#asking = false;
  }

  /** What the server will hold once everything on its way has arrived. */
  #expected() {
    return this.#queue.reduce((landmarks, event) => event.after ?? landmarks, this.state.landmarks);
  }

  /** Stores the landmarks as they are drawn now. @param text  kept with the edit */
  commit(landmarks, text) {
    const changes = difference(this.#expected(), landmarks);
    if (!changes.length) return;
    this.landmarks = clone(landmarks);
    this.send({action: 'edit', changes, text, after: clone(landmarks)});
  }

  send(event) {
    const now = performance.now();
    const seconds = Math.min((now - this.#active_since) / 1000, 120);  // longer is absence
    this.#active_since = now;
    this.#queue.push({seconds, ...event});
    return this.flush();
  }

  async flush() {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.#queue.length) {
        const {after, ...event} = this.#queue[0];
        const state = await post(`${this.path}/events`, event, this.state.revision);
        this.#queue.shift();
        this.#take(state);
        this.onsaved();
      }
    } catch (error) {
      const conflict = error instanceof Refused && error.status === 412;
      this.onproblem(conflict ? 'conflict' : 'save', error, () => this.flush());
    } finally {
      this.#sending = false;
    }
  }

  /** After a conflict: drops what is on its way and shows the server's state. */
  take_theirs(state) {
    this.#queue = [];
    this.#take(state);
  }

  /** After a conflict: makes the drawn landmarks the newest edit of the server's state. */
  keep_mine(state) {
    const mine = clone(this.landmarks);
    this.#queue = [];
    this.state = {...this.state, ...state};
    this.commit(mine);
  }
}
