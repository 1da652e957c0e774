// The open study: its state on the server, edits on their way, live values.
import {Refused, get, post} from '/api.js';
import {clone, difference, rebased} from '/landmarks.js';

/**
 * Events: onstate(state) when the server's state arrives and nothing is being dragged;
 * onvalues(values); onproblem(kind, error, retry) with kind "save" or "conflict"; onsaved().
 */
export class Session {
  position = -1;
  state = null;      // as the server sent it last
  landmarks = null;  // as drawn
  read_only = false;
  onstate = () => {};
  onvalues = () => {};
  onproblem = () => {};
  onsaved = () => {};
  is_dragging = () => false;
  #drawn = null;     // as drawn after the last edit or answer, untouched by a drag
  #queue = [];
  #flushing = null;
  #opening = 0;
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

  /** @returns whether the study is open: not if another one was asked for meanwhile */
  async open(position) {
    const mine = ++this.#opening;
    // What is done until the state is here belongs to no study.
    this.position = position;
    this.state = this.landmarks = this.#drawn = null;
    this.#queue = [];
    this.#asked = null;
    try {
      const state = await get(`/api/studies/${position}`);
      if (mine !== this.#opening) return false;
      this.#active_since = performance.now();
      this.#take(state);
      return true;
    } catch (error) {
      if (mine !== this.#opening) return false;
      this.position = -1;
      throw error;
    }
  }

  #take(state) {
    this.state = {...this.state, ...state};
    this.#show();
  }

  /** Shows the server's state, unless something is being moved or on its way. */
  #show() {
    if (this.is_dragging() || this.#queue.length) return;
    this.landmarks = clone(this.state.landmarks ?? null);
    this.#drawn = clone(this.landmarks);
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
        if (position === this.position && this.state) this.onvalues(values);
      } catch (error) {
        if (!(error instanceof Refused)) break;
      }
    }
    this.#asking = false;
  }

  /** Stores the landmarks as they are drawn now. @param text  kept with the edit */
  commit(landmarks, text) {
    if (!this.state || !landmarks) return;
    const before = this.#drawn;
    if (!difference(before, landmarks).length) {
      this.#show();  // an answer that came while something was held
      return;
    }
    this.landmarks = landmarks;
    this.#drawn = clone(landmarks);
    this.send({action: 'edit', text, before, after: this.#drawn});
  }

  /** @returns a promise that is kept when everything on its way has arrived, or was refused */
  send(event) {
    // No study is open, or one without results, or nothing is stored.
    if (!this.landmarks || this.read_only) return Promise.resolve();
    const now = performance.now();
    const seconds = Math.min((now - this.#active_since) / 1000, 120);  // longer is absence
    this.#active_since = now;
    this.#queue.push({seconds, ...event});
    return this.flush();
  }

  flush() {
    this.#flushing ??= this.#send_all();
    return this.#flushing;
  }

  async #send_all() {
    await null;
    try {
      while (this.#queue.length) {
        const {before, after, ...event} = this.#queue[0];
        // What went before, as an undo, may have changed the server's landmarks meanwhile.
        if (after) event.changes = rebased(before, after, this.state.landmarks);
        const is_needed = !after || event.changes.length > 0;
        const state = is_needed ? await post(`${this.path}/events`, event, this.state.revision) : {};
        this.#queue.shift();
        this.#take(state);
        this.onsaved();
      }
    } catch (error) {
      const conflict = error instanceof Refused && error.status === 412;
      this.onproblem(conflict ? 'conflict' : 'save', error, () => this.flush());
    } finally {
      this.#flushing = null;
    }
  }

  /** Drops what is on its way and shows the server's state: after a conflict that of its answer. */
  take_theirs(state) {
    this.#queue = [];
    if (state) this.#take(state);
    else return this.open(this.position);
  }

  /** After a conflict: makes what is on its way the newest of the server's state. */
  keep_mine(state) {
    // An undo would now undo the other's edit.
    this.#queue = this.#queue.filter((event) => !['undo', 'redo'].includes(event.action));
    this.#take(state);
    return this.flush();
  }
}
