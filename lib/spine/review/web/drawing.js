// Landmarks and outlines as SVG above the film, with handles that are dragged or moved by keys.
import {Hold} from '/hold.js';
import {LEVELS, body_middle, endplates, move, rounded, set_at, value_at} from '/landmarks.js';

const SVG = 'http://www.w3.org/2000/svg';

function element(name, attributes, parent) {
  const result = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) result.setAttribute(key, value);
  parent?.append(result);
  return result;
}

const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

/**
 * Events: onmoved(landmarks) while something moves, onplaced(landmarks) when it is put down,
 * onselect(part) with the part that Delete removes.
 */
export class Drawing {
  landmarks = null;
  outlines = {};
  edited = new Set();
  deviations = {};
  text = (key) => key;
  onmoved = () => {};
  onplaced = () => {};
  onselect = () => {};
  onloupe = () => {};
  read_only = false;
  #handles = [];  // {node, at: () => point, names}

  constructor(svg, view) {
    this.svg = svg;
    this.view = view;
    this.hold = new Hold(() => this.onplaced(this.landmarks));
  }

  /** Whether something is being moved. */
  get dragging() {
    return this.hold.active;
  }

  /** Draws other landmarks; keeps the focus on the handle of the same name. */
  show(landmarks) {
    this.hold.drop();
    this.landmarks = landmarks;
    const focused = document.activeElement?.dataset?.at;
    this.svg.replaceChildren();
    this.#handles = [];
    this.layer_outlines = element('g', {class: 'outlines'}, this.svg);
    const lines = element('g', {class: 'lines'}, this.svg);
    this.lines = lines;
    const grips = element('g', {class: 'grips'}, this.svg);
    if (landmarks) {
      for (const level of LEVELS) if (landmarks.vertebrae[level]) this.#body(level, grips);
      for (const plate of endplates(landmarks)) this.#endplate(plate, lines, grips);
      landmarks.femoral_heads.forEach((head, i) => this.#head(i, lines, grips));
    }
    this.place();
    if (focused) this.svg.querySelector(`[data-at="${focused}"]`)?.focus();
  }

  #label(at) {
    const [first, ...rest] = at.split('.').filter((part) => part !== 'vertebrae');
    return [first, ...rest.map((part) => this.text(part))].join(' ').trim();
  }

  #handle(parent, shape, at, label, where, drag) {
    const node = element('g', {class: `handle ${shape}`, tabindex: this.read_only ? -1 : 0, role: 'slider',
                               'aria-label': label, 'data-at': at}, parent);
    element(shape === 'grip' ? 'rect' : 'circle',
            shape === 'grip' ? {x: -4, y: -4, width: 8, height: 8} : {r: 9, class: 'hit'}, node);
    if (shape !== 'grip') element('circle', {r: 3.5, class: 'dot'}, node);
    element('title', {}, node).textContent = label;
    this.#handles.push({node, where});
    if (!this.read_only) this.#make_movable(node, at, where, drag);
  }

  #make_movable(node, at, where, drag) {
    const part = at.split('.').slice(0, at.startsWith('vertebrae') ? 2 : 1).join('.');
    node.addEventListener('focus', () => this.onselect(at.startsWith('femoral') ? at.split('.').slice(0, 2).join('.') : part));
    node.addEventListener('pointerdown', (down) => {
      if (down.button !== 0) return;
      down.preventDefault();
      down.stopPropagation();
      node.focus();
      node.setPointerCapture(down.pointerId);
      this.hold.by_pointer = true;
      node.classList.add('moving');
      const start = where();
      let last = this.view.to_film([down.clientX, down.clientY]);
      const sum = [0, 0];
      const step = (event) => {
        const now = this.view.to_film([event.clientX, event.clientY]);
        const speed = event.shiftKey ? 0.2 : 1;
        sum[0] += (now[0] - last[0]) * speed;
        sum[1] += (now[1] - last[1]) * speed;
        last = now;
        const target = [start[0] + sum[0], start[1] + sum[1]];
        drag(target, where());
        this.place();
        this.onloupe(where());
        this.onmoved(this.landmarks);
      };
      const end = (event) => {
        node.removeEventListener('pointermove', step);
        node.removeEventListener('pointerup', end);
        node.removeEventListener('pointercancel', end);
        node.classList.remove('moving');
        this.hold.by_pointer = false;
        this.onloupe(null);
        this.onplaced(this.landmarks, event);
      };
      node.addEventListener('pointermove', step);
      node.addEventListener('pointerup', end);
      node.addEventListener('pointercancel', end);
    });
    node.addEventListener('keydown', (event) => {
      const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
      const by = arrows[event.key];
      if (!by) return;
      event.preventDefault();
      const size = event.shiftKey ? 0.2 : 1;
      const flip = this.view.mirrored ? -1 : 1;
      const from = where();
      drag([from[0] + flip * by[0] * size, from[1] + by[1] * size], from);
      this.place();
      this.onmoved(this.landmarks);
      this.hold.moved();
    });
  }

  #endplate({name, post, ant}, lines, grips) {
    const at = (end) => value_at(this.landmarks, end);
    const line = element('line', {class: this.edited.has(name) ? 'edited' : ''}, lines);
    line.dataset.plate = name;
    this.#handles.push({node: line, line: () => [at(post), at(ant)]});
    const level = name.split('.')[0];
    this.#handle(grips, 'grip', `${post.replace('_post', '')}`, `${level} ${this.text(name.split('.')[1])}`,
                 () => middle(at(post), at(ant)), (target, from) => {
      for (const end of [post, ant]) move(this.landmarks, end, target[0] - from[0], target[1] - from[1]);
    });
    for (const end of [post, ant]) {
      this.#handle(grips, 'end', end, `${level} ${this.text(end.split('.').pop())}`, () => at(end),
                   (target) => set_at(this.landmarks, end, rounded(target)));
    }
  }

  #body(level, grips) {
    const at = `vertebrae.${level}`;
    this.#handle(grips, 'grip', at, `${level} ${this.text('body')}`,
                 () => body_middle(value_at(this.landmarks, at)), (target, from) => {
      move(this.landmarks, at, target[0] - from[0], target[1] - from[1]);
    });
    const text = element('text', {}, grips);
    text.textContent = level;
    this.#handles.push({node: text, where: () => body_middle(value_at(this.landmarks, at)), shift: [12, 4]});
  }

  #head(i, lines, grips) {
    const head = () => this.landmarks.femoral_heads[i];
    const ring = element('ellipse', {class: this.edited.has(`F${i + 1}`) ? 'edited' : ''}, lines);
    this.#handles.push({node: ring, ring: head});
    const name = `${this.text('head')} ${i + 1}`;
    this.#handle(grips, 'end', `femoral_heads.${i}.center`, `${name} ${this.text('center')}`,
                 () => head().center, (target) => { head().center = rounded(target); });
    this.#handle(grips, 'end', `femoral_heads.${i}.radius`, `${name} ${this.text('radius')}`,
                 () => [head().center[0] + head().radius, head().center[1]], (target) => {
      const [dx, dy] = [target[0] - head().center[0], (target[1] - head().center[1]) * this.view.aspect];
      head().radius = Math.max(1, Math.round(Math.hypot(dx, dy) * 1000) / 1000);
    });
  }

  /** Puts everything where the view shows it. */
  place() {
    const {view} = this;
    for (const {node, where, line, ring, shift = [0, 0]} of this.#handles) {
      if (line) {
        const [a, b] = line().map((p) => view.to_screen(p));
        for (const [key, value] of [['x1', a[0]], ['y1', a[1]], ['x2', b[0]], ['y2', b[1]]]) node.setAttribute(key, value);
      } else if (ring) {
        const {center, radius} = ring();
        const [x, y] = view.to_screen(center);
        for (const [key, value] of [['cx', x], ['cy', y], ['rx', radius * view.zoom], ['ry', radius * view.zoom]]) node.setAttribute(key, value);
      } else {
        const [x, y] = view.to_screen(where());
        node.setAttribute('transform', `translate(${x + shift[0]},${y + shift[1]})`);
        if (node.getAttribute('role') === 'slider') {
          node.setAttribute('aria-valuetext', where().map((v) => v.toFixed(1)).join(', '));
        }
      }
    }
    this.#place_outlines();
  }

  #place_outlines() {
    if (!this.layer_outlines) return;
    const paths = [];
    for (const [structure, polygons] of Object.entries(this.outlines)) {
      for (const points of polygons) {
        let path = '';
        for (let k = 0; k < points.length; k += 2) {
          const [x, y] = this.view.to_screen([points[k], points[k + 1]]);
          path += `${k ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
        }
        const node = element('path', {d: `${path}Z`});
        node.dataset.structure = structure;
        paths.push(node);
      }
    }
    this.layer_outlines.replaceChildren(...paths);
  }
}
