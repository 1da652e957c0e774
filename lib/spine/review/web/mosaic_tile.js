// A tile of the mosaic: the overlay and values of one study, and whether it may be approved.
import {get, picture} from '/api.js';
import {text} from '/texts.js';

const VALUES = ['PT', 'SS', 'PI', 'LL'];

function element(tag, name, content = '') {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = content;
  return node;
}

const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

export class MosaicTile {
  is_loading = true;
  is_approved = false;
  is_left_out = false;
  revision = undefined;
  onopen = () => {};
  onchange = () => {};
  #is_shown = false;
  #request = new AbortController();
  #address = null;

  constructor(position, study) {
    this.position = position;
    this.node = element('div', 'tile loading');
    Object.assign(this.node.dataset, {position, study: study.study});
    this.node.tabIndex = 0;
    this.node.setAttribute('role', 'checkbox');
    this.image = new Image();
    this.image.alt = '';
    this.frame = element('div', 'frame');
    this.frame.append(this.image);
    this.values = element('span', 'tile-values');
    this.mark = element('span', 'tile-mark');
    this.problem = element('span', 'tile-problem');
    const open = element('button', 'tile-open', text('mosaic_open'));
    open.title = `${text('mosaic_open')} (Enter)`;
    open.tabIndex = -1;
    open.setAttribute('aria-hidden', true);  // Enter does the same
    open.addEventListener('click', (event) => {
      event.stopPropagation();
      this.onopen();
    });
    const head = element('div', 'tile-head');
    const name = element('span', 'tile-name', study.study);
    name.title = study.study;
    head.append(this.mark, name, open);
    this.node.append(head, this.frame, this.values, this.problem);
    this.node.addEventListener('click', () => this.toggle());
    this.#tell();
  }

  /** Only what was shown, and holds no edit, is ever approved. */
  get can_be_approved() {
    return this.#is_shown && !this.is_left_out && !this.is_approved && this.revision !== undefined;
  }

  async load() {
    const path = `/api/studies/${this.position}`;
    const side = this.frame.clientHeight * devicePixelRatio > 480 ? 960 : 480;
    try {
      const [state, address] = await Promise.all([get(path), picture(`${path}/thumbnail?side=${side}`, this.#request.signal)]);
      this.#address = address;
      this.#show_values(state.values.measurements);
      this.image.src = address;
      await this.image.decode();
      this.image.hidden = false;
      await painted();
      this.#is_shown = true;
      // The overlay shows the machine's landmarks: what a reader has changed is not in it.
      if (state.verdict !== 'open' || state.edited.length || state.stale) this.fail(text('mosaic_changed'));
      else this.revision = state.revision;
    } catch (error) {
      if (!this.#request.signal.aborted) this.fail(text('mosaic_no_picture'), error.message);
    }
    this.is_loading = false;
    this.node.classList.remove('loading');
    this.#tell();
  }

  #show_values(measurements) {
    this.values.replaceChildren(...VALUES.map((name) => {
      const value = measurements[name]?.value;
      const pair = element('span', 'pair', name);
      pair.append(element('b', '', typeof value === 'number' ? `${value.toFixed(0)}°` : '–'));
      return pair;
    }));
  }

  toggle() {
    if (this.is_approved) return;
    this.is_left_out = !this.is_left_out;
    this.#tell();
    this.onchange();
  }

  approve() {
    this.is_approved = true;
    this.problem.textContent = '';
    this.#tell();
  }

  /** What went wrong; the tile is not approved any more. */
  fail(message, detail = message) {
    this.revision = undefined;
    this.problem.textContent = message;
    this.problem.title = detail;
    this.#tell();
  }

  #tell() {
    const {node} = this;
    node.classList.toggle('left-out', this.is_left_out);
    node.classList.toggle('is-approved', this.is_approved);
    this.image.hidden = !this.#is_shown;
    node.classList.toggle('failed', Boolean(this.problem.textContent));
    const will = this.can_be_approved;
    this.mark.textContent = this.is_approved || will ? '✓' : this.is_left_out ? '✕' : this.is_loading ? '…' : '!';
    node.setAttribute('aria-checked', will || this.is_approved);
    const meaning = this.is_left_out ? 'mosaic_left_out' : 'mosaic_will';
    node.title = this.is_approved ? text('approved') : text(meaning);
    node.setAttribute('aria-label', `${node.dataset.study}: ${node.title}`);
  }

  /** A key while the tile has the focus. @returns whether it meant anything */
  key(event) {
    if (event.key === ' ' || event.key.toLowerCase() === 'x') this.toggle();
    else if (event.key === 'Enter') this.onopen();
    else return false;
    return true;
  }

  /** Releases the picture. */
  drop() {
    this.#request.abort();
    if (this.#address) URL.revokeObjectURL(this.#address);
  }
}
