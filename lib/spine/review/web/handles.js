// Handles of landmarks: dragged, moved by arrow keys, chosen by Tab where they lie on one another.
import {Hold} from '/hold.js';
import {element} from '/svg.js';

const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
const NEAR = 11;       // CSS pixels within which handles lie on one another
const SLOW = 0.2;      // speed with Shift

/**
 * Events: onmove() after each step, onplaced() when put down, onloupe(point), onfocus(handle, [place,
 * count] among handles at the pointer) and onhover(handle), with null when it is left.
 */
export class Handles {
  read_only = false;
  onmove = () => {};
  onplaced = () => {};
  onfocus = () => {};
  onhover = () => {};
  onloupe = () => {};
  #all = [];           // {node, at, label, detail, where, drag}
  #pointer = null;     // over the stage, client pixels
  #chosen = null;      // `at` of the one chosen by Tab among handles at the pointer

  constructor(svg, view) {
    this.svg = svg;
    this.view = view;
    this.hold = new Hold(() => this.onplaced());
    svg.addEventListener('pointerdown', (down) => this.#press(down));
    svg.addEventListener('keydown', (event) => this.#key(event));
    // Not on the SVG: with a listener for focus it would take the focus itself.
    const stage = svg.parentElement;
    stage.addEventListener('focusin', (event) => this.#focus(event.target));
    stage.addEventListener('focusout', () => this.onfocus(null));
    stage.addEventListener('pointermove', (event) => this.#hover(event));
    stage.addEventListener('pointerleave', () => {
      this.#pointer = null;
      this.onhover(null);
      if (!this.hold.by_pointer) this.#chosen = null;
    });
    document.addEventListener('keydown', (event) => this.#tab(event));
  }

  /** Whether something is being moved. */
  get dragging() {
    return this.hold.active;
  }

  clear() {
    this.hold.drop();
    this.#all = [];
  }

  /**
   * @param shape  "end" or "grip"
   * @param where  () => the handle's point, film pixels
   * @param drag   (target, from) => moves the landmark
   * @param detail shown after the label
   */
  add(parent, shape, at, label, where, drag, detail = '') {
    const node = element('g', {class: `handle ${shape}`, tabindex: this.read_only ? -1 : 0, role: 'slider',
                               'aria-label': label, 'data-at': at}, parent);
    if (shape === 'grip') {
      element('rect', {x: -9, y: -9, width: 18, height: 18, class: 'hit'}, node);
      element('rect', {x: -3.5, y: -3.5, width: 7, height: 7, class: 'square'}, node);
    } else {
      element('circle', {r: 9, class: 'hit'}, node);
      element('circle', {r: 3.5, class: 'dot'}, node);
    }
    element('title', {}, node).textContent = label + detail;
    this.#all.push({node, at, label, detail, where, drag});
  }

  place() {
    for (const {node, where} of this.#all) {
      const point = where();
      const [x, y] = this.view.to_screen(point);
      node.setAttribute('transform', `translate(${x},${y})`);
      node.setAttribute('aria-valuetext', point.map((v) => v.toFixed(1)).join(', '));
    }
  }

  #of(node) {
    const own = node?.closest?.('.handle');
    return this.#all.find((handle) => handle.node === own) ?? null;
  }

  /** Handles at the pointer, the topmost first. */
  #stack() {
    if (!this.#pointer || this.svg.parentElement.classList.contains('hidden')) return [];
    const box = this.svg.getBoundingClientRect();
    const [px, py] = [this.#pointer[0] - box.left, this.#pointer[1] - box.top];
    return this.#all.filter(({where}) => {
      const [x, y] = this.view.to_screen(where());
      return Math.hypot(x - px, y - py) <= NEAR;
    }).reverse();
  }

  #hover(event) {
    if (this.hold.by_pointer) return;
    this.#pointer = [event.clientX, event.clientY];
    if (this.#chosen && !this.#stack().some(({at}) => at === this.#chosen)) this.#chosen = null;
    this.onhover(this.#of(event.target));
  }

  #tab(event) {
    if (event.key !== 'Tab' || event.ctrlKey || event.altKey || event.metaKey || this.read_only) return;
    if (document.querySelector('dialog[open]') || this.svg.closest('[inert]')) return;
    if (event.target.matches('input, textarea, select')) return;
    const stack = this.#stack();
    if (stack.length < 2) return;
    event.preventDefault();
    const under = this.#of(document.elementFromPoint(...this.#pointer));
    const now = stack.findIndex(({at}) => at === (this.#chosen ?? under?.at ?? stack[0].at));
    const next = (now + (event.shiftKey ? stack.length - 1 : 1)) % stack.length;
    this.#chosen = stack[next].at;
    stack[next].node.focus({focusVisible: true});
    this.onfocus(stack[next], [next + 1, stack.length]);
  }

  #focus(node) {
    const handle = this.#of(node);
    if (handle) this.onfocus(handle);
  }

  #press(down) {
    const handle = this.#all.find(({at}) => at === this.#chosen) ?? this.#of(down.target);
    if (!handle || down.button !== 0 || this.read_only) return;
    down.preventDefault();
    down.stopPropagation();
    const {node, where, drag} = handle;
    node.focus();
    node.setPointerCapture(down.pointerId);
    this.hold.by_pointer = true;
    node.classList.add('moving');
    const start = where();
    let last = this.view.to_film([down.clientX, down.clientY]);
    const sum = [0, 0];
    const step = (event) => {
      const now = this.view.to_film([event.clientX, event.clientY]);
      const speed = event.shiftKey ? SLOW : 1;
      sum[0] += (now[0] - last[0]) * speed;
      sum[1] += (now[1] - last[1]) * speed;
      last = now;
      drag([start[0] + sum[0], start[1] + sum[1]], where());
      this.onmove();
      this.onloupe(where());
    };
    const end = () => {
      node.removeEventListener('pointermove', step);
      for (const name of ['pointerup', 'pointercancel']) node.removeEventListener(name, end);
      node.classList.remove('moving');
      this.hold.by_pointer = false;
      this.#chosen = null;
      this.onloupe(null);
      this.onplaced();
    };
    node.addEventListener('pointermove', step);
    for (const name of ['pointerup', 'pointercancel']) node.addEventListener(name, end);
  }

  #key(event) {
    const handle = this.#of(event.target), by = ARROWS[event.key];
    if (!handle || !by || this.read_only) return;
    event.preventDefault();
    const size = event.shiftKey ? SLOW : 1;
    const flip = this.view.mirrored ? -1 : 1;
    const from = handle.where();
    handle.drag([from[0] + flip * by[0] * size, from[1] + by[1] * size], from);
    this.onmove();
    this.hold.moved();
  }
}
