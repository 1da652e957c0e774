// The list of studies: filters, search, and only the rows that are in sight.
const ROW = 44;  // CSS pixels, as in style.css

export class List {
  studies = [];
  shown = [];  // positions of the studies that pass the filters
  current = -1;
  text = (key) => key;
  onopen = () => {};

  constructor(node) {
    this.node = node;
    this.rows = node.querySelector('#rows');
    this.height = node.querySelector('#rows-height');
    this.search = node.querySelector('#search');
    this.filters = {
      status: node.querySelector('#filter-status'),
      verdict: node.querySelector('#filter-verdict'),
      flag: node.querySelector('#filter-flag'),
    };
    this.search.addEventListener('input', () => this.filter());
    for (const select of Object.values(this.filters)) select.addEventListener('change', () => this.filter());
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
    this.filter();
  }

  #options(select, values) {
    const all = `${this.text(select.dataset.label)}: ${this.text('all')}`;
    select.replaceChildren(new Option(all, ''), ...values.map((v) => new Option(this.text(v), v)));
  }

  filter() {
    const words = this.search.value.toLowerCase().trim();
    const {status, verdict, flag} = this.filters;
    this.shown = [];
    this.studies.forEach((study, position) => {
      if (words && !study.study.toLowerCase().includes(words)) return;
      if (status.value && study.status !== status.value) return;
      if (verdict.value && (study.verdict ?? 'open') !== verdict.value) return;
      if (flag.value && !(study.flags ?? []).includes(flag.value)) return;
      this.shown.push(position);
    });
    this.height.style.height = `${this.shown.length * ROW}px`;
    this.draw();
  }

  draw() {
    const first = Math.max(0, Math.floor(this.rows.scrollTop / ROW) - 4);
    const count = Math.ceil(this.rows.clientHeight / ROW) + 8;
    const rows = this.shown.slice(first, first + count).map((position, k) => this.#row(position, first + k));
    this.height.replaceChildren(...rows);
  }

  #row(position, place) {
    const study = this.studies[position];
    const row = document.createElement('div');
    row.className = `row ${study.status}${position === this.current ? ' current' : ''}`;
    row.style.top = `${place * ROW}px`;
    row.dataset.position = position;
    row.setAttribute('role', 'option');
    row.setAttribute('aria-selected', position === this.current);
    const mark = document.createElement('span');
    mark.className = `mark ${study.verdict ?? 'open'}`;
    mark.textContent = {approved: '✓', rejected: '✕'}[study.verdict] ?? (study.edits ? '✎' : '');
    const name = document.createElement('span');
    name.className = 'name';
    name.textContent = study.label ? `${study.study} · ${study.label}` : study.study;
    name.title = name.textContent;
    const detail = document.createElement('span');
    detail.className = 'detail';
    const values = ['PT', 'SS', 'PI', 'LL'].filter((v) => typeof study[v] === 'number').map((v) => `${v} ${study[v].toFixed(0)}°`);
    detail.textContent = study.error && !values.length ? study.error : values.join('  ');
    detail.title = detail.textContent;
    const status = document.createElement('span');
    status.className = 'status';
    status.textContent = this.text(study.status);
    row.append(mark, name, status, detail);
    return row;
  }

  /** Marks the open study and scrolls to it. */
  select(position) {
    this.current = position;
    const place = this.shown.indexOf(position);
    if (place >= 0) {
      const top = place * ROW, {scrollTop, clientHeight} = this.rows;
      if (top < scrollTop || top + ROW > scrollTop + clientHeight) this.rows.scrollTop = Math.max(0, top - clientHeight / 3);
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
    return (study.verdict ?? 'open') === 'open' && ['ok', 'review', 'missing'].includes(study.status);
  }

  update(position, fields) {
    Object.assign(this.studies[position], fields);
    this.draw();
  }

  /** How many studies with results were decided on, of how many. */
  progress() {
    const with_results = this.studies.filter((s) => ['ok', 'review', 'missing'].includes(s.status));
    return [with_results.filter((s) => (s.verdict ?? 'open') !== 'open').length, with_results.length];
  }
}
