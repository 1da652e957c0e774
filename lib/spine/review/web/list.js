// The list of studies: filters, search, and only the rows that are in sight.
import {has_results} from '/studies.js';
import {reason_text, text} from '/texts.js';
import {Thumbnails} from '/thumbnails.js';

const ROW = 44, PICTURE_ROW = 92;  // CSS pixels, as in style.css
const SETTLED = 120;               // milliseconds without scrolling until pictures are asked for

export class List {
  studies = [];
  shown = [];  // positions of the studies that pass the filters
  current = -1;
  seed = '';   // of a random order; empty: the order of the studies
  onopen = () => {};
  #thumbnails = null;
  #settling = 0;

  constructor(node) {
    this.node = node;
    this.rows = node.querySelector('#rows');
    this.height = node.querySelector('#rows-height');
    this.search = node.querySelector('#search');
    this.filters = {
      status: node.querySelector('#filter-status'),
      verdict: node.querySelector('#filter-verdict'),
      flag: node.querySelector('#filter-flag'),
      reader: node.querySelector('#filter-reader'),
    };
    this.group_filters = node.querySelector('#filter-groups');
    this.search.addEventListener('input', () => this.filter());
    node.querySelector('.filters').addEventListener('change', () => this.filter());
    this.rows.addEventListener('scroll', () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.rows);
    this.rows.addEventListener('click', (event) => {
      const row = event.target.closest('[data-position]');
      if (row) this.onopen(Number(row.dataset.position));
    });
  }

  show(studies) {
    this.studies = studies;
    const values = (of) => [...new Set(studies.flatMap(of))].sort();
    this.#options(this.filters.status, values((s) => [s.status]));
    this.#options(this.filters.verdict, ['open', 'approved', 'rejected']);
    this.#options(this.filters.flag, values((s) => s.flags ?? []));
    this.#options(this.filters.reader, values((s) => s.reader ? [s.reader] : []));
    this.filters.reader.hidden = this.filters.reader.length < 2;
    const columns = values((s) => Object.keys(s.groups ?? {}));
    this.group_filters.replaceChildren(...columns.map((column) => this.#group_filter(column, values((s) => s.groups?.[column] ?? []))));
    this.filter();
  }

  #group_filter(column, values) {
    const select = document.createElement('select');
    select.dataset.column = column;
    select.setAttribute('aria-label', column);
    select.replaceChildren(new Option(column, ''), ...values.map((v) => new Option(v, v)));
    return select;
  }

  #options(select, values) {
    select.replaceChildren(new Option(text(select.dataset.label), ''), ...values.map((v) => new Option(reason_text(v), v)));
  }

  filter() {
    const words = this.search.value.toLowerCase().trim();
    const {status, verdict, flag, reader} = this.filters;
    const groups = [...this.group_filters.children].filter((select) => select.value);
    this.shown = [];
    this.studies.forEach((study, position) => {
      if (words && !study.study.toLowerCase().includes(words)) return;
      if (status.value && study.status !== status.value) return;
      if (verdict.value && (study.verdict ?? 'open') !== verdict.value) return;
      if (flag.value && !(study.flags ?? []).includes(flag.value)) return;
      if (reader.value && study.reader !== reader.value) return;
      if (groups.some((select) => study.groups?.[select.dataset.column] !== select.value)) return;
      this.shown.push(position);
    });
    if (this.seed) this.shown.sort((a, b) => this.#place(a) - this.#place(b));
    this.node.querySelector('#no-match').hidden = this.shown.length > 0 || !this.studies.length;
    this.height.style.height = `${this.shown.length * this.row_height}px`;
    this.draw();
  }

  /** Where a study stands in the random order of a blind reading. */
  #place(position) {
    let hash = 2166136261;  // FNV-1a, the seed first
    for (const letter of `${this.seed} ${this.studies[position].study}`) hash = Math.imul(hash ^ letter.codePointAt(0), 16777619) >>> 0;
    return hash;
  }

  get row_height() {
    return this.#thumbnails ? PICTURE_ROW : ROW;
  }

  /** Shows a small overlay in each row, or none. */
  set with_thumbnails(on) {
    const first = this.rows.scrollTop / this.row_height;
    this.#thumbnails?.want([]);
    this.#thumbnails = on ? new Thumbnails() : null;
    if (on) this.#thumbnails.onready = (position, address) => this.#picture(position, address);
    this.node.classList.toggle('with-thumbnails', on);
    this.height.style.height = `${this.shown.length * this.row_height}px`;
    this.rows.scrollTop = first * this.row_height;
    this.draw();
  }

  get with_thumbnails() {
    return this.#thumbnails !== null;
  }

  draw() {
    const first = Math.max(0, Math.floor(this.rows.scrollTop / this.row_height) - 4);
    const count = Math.ceil(this.rows.clientHeight / this.row_height) + 8;
    const rows = this.shown.slice(first, first + count).map((position, k) => this.#row(position, first + k));
    this.height.replaceChildren(...rows);
    clearTimeout(this.#settling);
    if (this.#thumbnails) this.#settling = setTimeout(() => this.#ask(), SETTLED);
  }

  /** Asks for the pictures of the rows that are in sight. */
  #ask() {
    const {scrollTop, clientHeight} = this.rows;
    const first = Math.floor(scrollTop / this.row_height), end = Math.ceil((scrollTop + clientHeight) / this.row_height);
    const in_sight = this.shown.slice(first, end);
    this.#thumbnails?.want(in_sight.filter((p) => has_results(this.studies[p]) && !this.studies[p].blind));
  }

  #picture(position, address) {
    const box = this.height.querySelector(`[data-position="${position}"] .thumbnail`);
    if (!box || !address) return;
    const image = new Image();
    image.alt = '';
    image.src = address;
    box.replaceChildren(image);
  }

  #row(position, place) {
    const study = this.studies[position];
    const row = document.createElement('div');
    row.className = `row ${study.status}${position === this.current ? ' current' : ''}`;
    row.style.top = `${place * this.row_height}px`;
    row.dataset.position = position;
    row.setAttribute('role', 'option');
    row.setAttribute('aria-selected', position === this.current);
    row.setAttribute('aria-posinset', place + 1);
    row.setAttribute('aria-setsize', this.shown.length);
    const mark = document.createElement('span');
    mark.className = `mark ${study.verdict ?? 'open'}`;
    mark.textContent = ({approved: '✓', rejected: '✕'}[study.verdict] ?? '') + (study.edits ? '✎' : '');
    const name = document.createElement('span');
    name.className = 'name';
    name.textContent = study.label ? `${study.study} · ${study.label}` : study.study;
    name.title = name.textContent;
    const detail = document.createElement('span');
    detail.className = 'detail';
    const values = ['PT', 'SS', 'PI', 'LL'].filter((v) => typeof study[v] === 'number').map((v) => `${v} ${study[v].toFixed(0)}`);
    const lines = this.#thumbnails ? [values.slice(0, 2), values.slice(2)] : [values];
    detail.textContent = study.error && !values.length ? study.error : lines.map((line) => line.join('  ')).join('\n');
    detail.title = detail.textContent;
    const status = document.createElement('span');
    status.className = 'status';
    status.textContent = study.blind && has_results(study) ? '' : text(study.status);
    row.append(mark, name, status, detail);
    if (this.#thumbnails) row.prepend(this.#thumbnail(position));
    return row;
  }

  #thumbnail(position) {
    const box = document.createElement('span');
    box.className = 'thumbnail';
    const address = this.#thumbnails.of(position);
    if (address) {
      const image = new Image();
      image.alt = '';
      image.src = address;
      box.append(image);
    }
    return box;
  }

  /** Marks the open study and scrolls to it. */
  select(position) {
    this.current = position;
    const place = this.shown.indexOf(position);
    if (place >= 0) {
      const height = this.row_height, top = place * height, {scrollTop, clientHeight} = this.rows;
      if (top < scrollTop || top + height > scrollTop + clientHeight) this.rows.scrollTop = Math.max(0, top - clientHeight / 3);
    }
    this.draw();
  }

  /** The position after (or before) the open one among those shown; -1 if there is none. */
  neighbour(by) {
    const place = this.shown.indexOf(this.current);
    return this.shown[place + by] ?? -1;
  }

  /** The next study that nobody has decided on. */
  next_open() {
    const place = this.shown.indexOf(this.current);
    const order = [...this.shown.slice(place + 1), ...this.shown.slice(0, place + 1)];
    return order.find((p) => p !== this.current && this.#is_open(p)) ?? -1;
  }

  #is_open(position) {
    const study = this.studies[position];
    return (study.verdict ?? 'open') === 'open' && has_results(study);
  }

  update(position, fields) {
    Object.assign(this.studies[position], fields);
    this.draw();
  }

  /** How many studies with results were decided on, of how many. */
  progress() {
    const with_results = this.studies.filter(has_results);
    return [with_results.filter((s) => (s.verdict ?? 'open') !== 'open').length, with_results.length];
  }
}
