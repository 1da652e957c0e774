// Landmarks as SVG above the film: lines, names, handles, constructions and outlines.
import {ConstructionLayer} from '/construction_layer.js';
import {Handles} from '/handles.js';
import {LEVELS, body_middle, endplates, move, rounded, set_at, value_at} from '/landmarks.js';
import {OutlineLayer} from '/outline_layer.js';
import {element, set, set_line} from '/svg.js';
import {text} from '/texts.js';

const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

// Standard deviation of an endplate's direction, degrees, and of a head's centre, radii, from which
// a line is dashed, and dotted: half and all of what flags SS as uncertain, and a head.
const DASHED = {plate: 2, head: 0.075}, DOTTED = {plate: 4, head: 0.15};

/** "vertebrae.L3" of "vertebrae.L3.sup_post", "femoral_heads.0" of its centre, "S1" of its end. */
const part_of = (at) => at.split('.').slice(0, at.startsWith('S1') ? 1 : 2).join('.');

/**
 * Events: onmoved(landmarks) while something moves, onplaced(landmarks) when it is put down,
 * onloupe(point), onpoint(label) with the handle under the pointer or in focus.
 */
export class Drawing {
  landmarks = null;
  edited = new Set();    // "L3.sup", "F1"
  uncertainty = {};      // standard deviations by the same names
  with_angles = true;
  selected = null;       // the part that Delete removes
  onmoved = () => {};
  onplaced = () => {};
  onloupe = () => {};
  onpoint = () => {};
  #measurements = null;
  #places = [];          // functions that put something where the view shows it
  #hovered = null;
  #focused = null;

  constructor(svg, view) {
    this.svg = svg;
    this.view = view;
    this.outlines = new OutlineLayer(svg, view);
    this.angles = new ConstructionLayer(svg, view);
    [this.links, this.lines, this.names, this.grips, this.tool] =
        ['links', 'lines', 'names', 'grips', 'tool'].map((name) => element('g', {class: name}, svg));
    this.handles = new Handles(svg, view);
    this.handles.onmove = () => {
      this.place();
      this.onmoved(this.landmarks);
    };
    this.handles.onplaced = () => this.onplaced(this.landmarks);
    this.handles.onloupe = (point) => this.onloupe(point);
    this.handles.onfocus = (handle, stack) => {
      this.#focused = handle;
      if (handle) this.selected = part_of(handle.at);
      this.#point(stack);
    };
    this.handles.onhover = (handle) => {
      if (handle?.at === this.#hovered?.at) return;
      this.#hovered = handle;
      this.#point();
    };
  }

  get read_only() {
    return this.handles.read_only;
  }

  set read_only(value) {
    this.handles.read_only = value;
  }

  get dragging() {
    return this.handles.dragging;
  }

  /** Draws other landmarks; keeps the focus on the handle of the same name. */
  show(landmarks, measurements = this.#measurements) {
    if (!landmarks) this.selected = null;
    this.landmarks = landmarks;
    this.#measurements = landmarks ? measurements : null;
    const focused = document.activeElement?.dataset?.at;
    for (const layer of [this.lines, this.names, this.grips]) layer.replaceChildren();
    this.#places = [];
    this.handles.clear();
    if (landmarks) {
      for (const level of LEVELS) if (landmarks.vertebrae[level]) this.#body(level);
      for (const plate of endplates(landmarks)) this.#endplate(plate);
      if (landmarks.S1) this.#name('S1', ['S1.sup'], () => this.#below_s1());
      landmarks.femoral_heads.forEach((_, i) => this.#head(i));
    }
    this.place();
    if (focused) this.svg.querySelector(`[data-at="${focused}"]`)?.focus();
  }

  /** Shows other values at the constructions. */
  show_values(measurements) {
    this.#measurements = measurements;
    this.#place_angles();
  }

  /** @param outlines  of masks, by structure */
  show_outlines(outlines) {
    this.outlines.show(outlines);
    this.onoutlines?.(this.outlines.structures);
  }

  // ---- parts

  #style(name, kind) {
    if (this.edited.has(name)) return 'edited';
    const deviation = this.uncertainty[name];
    if (deviation === undefined) return '';
    if (deviation > DOTTED[kind]) return 'dotted';
    return deviation > DASHED[kind] ? 'dashed' : '';
  }

  /** What is known of a landmark, after its name: its standard deviation, or that it was edited. */
  #detail(name) {
    if (this.edited.has(name)) return ` – ${text('edited')}`;
    const deviation = this.uncertainty[name];
    if (deviation === undefined) return '';
    return name[0] === 'F' ? ` ± ${(100 * deviation).toFixed(0)} %` : ` ± ${deviation.toFixed(1)}°`;
  }

  #handle(shape, at, label, where, drag, detail = '') {
    this.handles.add(this.grips, shape, at, label, where, drag, detail);
  }

  #endplate({name, post, ant}) {
    const at = (end) => value_at(this.landmarks, end);
    const attributes = {class: `plate ${this.#style(name, 'plate')}`, 'data-plate': name};
    const lines = [element('line', {...attributes, class: 'rim'}, this.lines), element('line', attributes, this.lines)];
    this.#places.push(() => lines.forEach((line) => set_line(line, this.view.to_screen(at(post)), this.view.to_screen(at(ant)))));
    const [level, side] = name.split('.');
    const detail = this.#detail(name);
    this.#handle('grip', post.replace('_post', ''), `${level} ${text(side)}`, () => middle(at(post), at(ant)), (target, from) => {
      for (const end of [post, ant]) move(this.landmarks, end, target[0] - from[0], target[1] - from[1]);
    }, detail);
    for (const end of [post, ant]) {
      this.#handle('end', end, `${level} ${text(end.split('.').pop())}`, () => at(end),
                   (target) => set_at(this.landmarks, end, rounded(target)), detail);
    }
  }

  #body(level) {
    const at = `vertebrae.${level}`;
    const center = () => body_middle(value_at(this.landmarks, at));
    this.#handle('grip', at, `${level} ${text('body')}`, center, (target, from) => {
      move(this.landmarks, at, target[0] - from[0], target[1] - from[1]);
    });
    this.#name(level, [`${level}.sup`, `${level}.inf`], () => {
      const {sup_ant, inf_ant} = value_at(this.landmarks, at);
      const ends = [sup_ant, inf_ant].map((end) => this.view.to_screen(end));
      const [x, y] = middle(...ends);
      const front = this.#front();
      return [front * Math.max(...ends.map(([end]) => front * end), front * x) + front * 24, y];
    });
  }

  #head(i) {
    const head = () => this.landmarks.femoral_heads[i];
    const name = `F${i + 1}`;
    const attributes = {class: `ring ${this.#style(name, 'head')}`};
    const rings = [element('ellipse', {class: 'rim'}, this.lines), element('ellipse', attributes, this.lines)];
    this.#places.push(() => {
      const [cx, cy] = this.view.to_screen(head().center);
      const r = head().radius * this.view.zoom;
      for (const ring of rings) set(ring, {cx, cy, rx: r, ry: r});
    });
    const detail = this.#detail(name);
    const words = `${text('head')} ${i + 1}`;
    this.#handle('end', `femoral_heads.${i}.center`, `${words} ${text('center')}`, () => head().center,
                 (target) => { head().center = rounded(target); }, detail);
    this.#handle('end', `femoral_heads.${i}.radius`, `${words} ${text('radius')}`,
                 () => [head().center[0] + head().radius, head().center[1]], (target) => {
      const [dx, dy] = [target[0] - head().center[0], (target[1] - head().center[1]) * this.view.aspect];
      head().radius = Math.max(1, Math.round(Math.hypot(dx, dy) * 1000) / 1000);
    }, detail);
    this.#name(name, [name], () => this.#outside_head(i));
  }

  /** A name drawn at its structure, with a mark if a reader has edited it. @param where  () => CSS pixels */
  #name(words, landmarks, where) {
    const edited = landmarks.some((name) => this.edited.has(name));
    const node = element('text', {class: edited ? 'edited' : '', 'data-name': words}, this.names);
    node.textContent = edited ? `${words} ✎` : words;
    this.#places.push(() => {
      const [x, y] = where();
      set(node, {x, y: y + 5});
    });
  }

  /** 1 if the patient faces the right of the screen, else -1. */
  #front() {
    return (this.landmarks.anterior === 'left') === this.view.mirrored ? 1 : -1;
  }

  /** Below the middle of the endplate of S1, beside the normal. */
  #below_s1() {
    const {S1} = this.landmarks;
    const post = this.view.to_screen(S1.sup_post), ant = this.view.to_screen(S1.sup_ant);
    const along = [ant[0] - post[0], ant[1] - post[1]];
    const turn = this.#front();  // which normal is caudal
    const size = Math.max(1e-9, Math.hypot(...along));
    const away = Math.max(22, size * 0.2);
    const caudal = [-along[1] / size * turn, along[0] / size * turn];
    return [post[0] + 0.25 * along[0] + away * caudal[0], post[1] + 0.25 * along[1] + away * caudal[1]];
  }

  /** Outside a head, since heads overlap: the first above and in front, the second below and behind. */
  #outside_head(i) {
    const {center, radius} = this.landmarks.femoral_heads[i];
    const [x, y] = this.view.to_screen(center);
    const front = this.#front();
    const sign = i === 0 ? 1 : -1;
    const away = 0.75 * radius * this.view.zoom + 12;
    return [x + sign * front * away, y - sign * away];
  }

  // ---- what the pointer is at

  #point(stack) {
    const handle = this.#hovered ?? this.#focused;
    this.#place_links();
    const shown = stack ? this.#focused : handle;
    this.onpoint(shown ? `${stack ? `${stack[0]}/${stack[1]}  ` : ''}${shown.label}${shown.detail}` : '');
  }

  /** Dashed links from what the pointer is at to what belongs to it. */
  #place_links() {
    const handle = this.#focused && !this.#hovered ? this.#focused : this.#hovered;
    const pairs = handle && this.landmarks ? this.#belonging(part_of(handle.at)) : [];
    this.links.replaceChildren(...pairs.map(([a, b]) => {
      const line = element('line', {});
      set_line(line, this.view.to_screen(a), this.view.to_screen(b));
      return line;
    }));
  }

  #belonging(part) {
    const value = value_at(this.landmarks, part);
    const {S1, femoral_heads: heads} = this.landmarks;
    if (!value) return [];
    if (part.startsWith('vertebrae')) return [[value.sup_post, value.inf_post], [value.sup_ant, value.inf_ant]];
    if (part === 'S1') return heads.map((head) => [middle(S1.sup_post, S1.sup_ant), head.center]);
    return heads.length === 2 ? [[heads[0].center, heads[1].center]] : [];
  }

  #place_angles() {
    if (this.landmarks && this.with_angles) this.angles.place(this.landmarks, this.#measurements);
    else this.angles.clear();
  }

  /** Puts everything where the view shows it. */
  place() {
    for (const place of this.#places) place();
    this.handles.place();
    this.#place_links();
    this.#place_angles();
    this.outlines.place();
    this.onview?.();
  }
}
