// Films that are measured while the page is open: progress, studies that join the list, and films
// that are dropped on the page or chosen.
import {get, upload} from '/api.js';
import {has_results} from '/studies.js';

const MOST_BYTES = 200 * 2 ** 20;      // as the server takes
const BUSY = 700, IDLE = 5000;         // milliseconds between questions

const byId = (id) => document.getElementById(id);

/** The files of a drop, those in folders included. */
async function files_of(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const files = [];
  const walk = async (entry) => {
    if (entry.isFile) {
      if (!entry.name.startsWith('.')) files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
      return;
    }
    const reader = entry.createReader();
    for (;;) {  // a reader gives at most 100 entries at a time
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return;
      for (const inner of some) await walk(inner);
    }
  };
  for (const entry of entries) await walk(entry);
  return files;
}

/**
 * Events: onstudies(positions) when studies joined the list or got results.
 * @param page  {cohort, list, text}
 */
export class Films {
  onstudies = () => {};
  #page;
  #since;
  #state = {running: false, waiting: 0, done: 0, all: null, problem: ''};
  #queue = [];         // files to be uploaded
  #sent = 0;           // of those that were queued together
  #queued = 0;
  #sending = '';       // name of the file on its way
  #refused = [];       // [name of a file, why it was not taken]
  #names = new Map();  // the reader's names of dropped films, by study: never sent, never stored
  #told = 0;           // failures that were shown
  #timer = 0;

  constructor(page) {
    this.#page = page;
    this.#since = page.cohort.changes ?? 0;
    if (page.cohort.takes_films) this.#take_films();
    if (page.cohort.measures) this.#ask();
    byId('films-close').addEventListener('click', () => this.#say(null));
    this.#show();
  }

  // ---- what the server measures

  async #ask() {
    clearTimeout(this.#timer);
    try {
      this.#take(await get(`/api/measuring?since=${this.#since}`));
    } catch {
      this.#state = {...this.#state, running: false};  // the server has gone: nothing is known
    }
    const {running, waiting} = this.#state;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), running || waiting ? BUSY : IDLE);
    this.#show();
  }

  #take(state) {
    this.#state = state;
    this.#since = state.changes;
    if (state.studies.length) this.#join(state.studies);
    if (state.failures > this.#told) {
      this.#say([`${this.#page.text('measuring_failed')} ${state.problem}`, ...(state.details ?? [])]);
    }
    this.#told = state.failures;
  }

  /** Adds studies to the list; what is open, filtered and in sight stays. */
  #join(entries) {
    const {list} = this.#page;
    const chosen = Object.values(list.filters).map((select) => [select, select.value]);
    for (const {position, ...study} of entries) {
      list.studies[position] = {...study, label: this.#names.get(study.study)};
    }
    const top = list.rows.scrollTop;
    list.show(list.studies);
    for (const [select, value] of chosen) select.value = value;
    list.filter();
    list.rows.scrollTop = top;
    this.onstudies(entries.map((entry) => entry.position));
  }

  // ---- films of the reader

  #take_films() {
    const choose = byId('film-files');
    byId('intake').hidden = false;
    for (const id of ['add-films', 'empty-add']) byId(id).addEventListener('click', () => choose.click());
    byId('empty').addEventListener('pointerdown', (event) => event.stopPropagation());  // no drag of the film
    choose.addEventListener('change', () => {
      this.#add([...choose.files]);
      choose.value = '';
    });
    const with_files = (event) => event.dataTransfer?.types.includes('Files');
    let depth = 0;  // enter and leave come for every element below the pointer
    const hover = (by) => {
      depth = Math.max(0, depth + by);
      byId('drop-here').hidden = depth === 0;
    };
    document.addEventListener('dragenter', (event) => { if (with_files(event)) hover(1); });
    document.addEventListener('dragleave', (event) => { if (with_files(event)) hover(-1); });
    document.addEventListener('dragover', (event) => { if (with_files(event)) event.preventDefault(); });
    document.addEventListener('drop', (event) => {
      if (!with_files(event)) return;
      event.preventDefault();
      hover(-depth);
      files_of(event.dataTransfer).then((files) => this.#add(files), (error) => this.#say([error.message]));
    });
    window.addEventListener('beforeunload', (event) => {
      if (this.#sending) event.preventDefault();
    });
  }

  #add(files) {
    this.#say(null);
    this.#queue.push(...files);
    this.#queued += files.length;
    if (files.length && !this.#sending) this.#send();
  }

  /** Uploads one film after the other. */
  async #send() {
    this.#refused = [];
    while (this.#queue.length) {
      const file = this.#queue.shift();
      this.#sending = file.name;
      this.#sent += 1;
      this.#show();
      try {
        if (file.size > MOST_BYTES) throw new Error(this.#page.text('too_large'));
        const {study} = await upload('/api/films', file);
        this.#names.set(study, file.name);
        this.#ask();
      } catch (error) {
        this.#refused.push(`${file.name}: ${error.message}`);
      }
    }
    this.#sending = '';
    this.#sent = this.#queued = 0;
    if (this.#refused.length) this.#say([this.#page.text('films_refused'), ...this.#refused.slice(0, 5), ...(this.#refused.length > 5 ? ['…'] : [])]);
    this.#show();
  }

  // ---- what is shown

  /** @param lines  on the bar for films; null: none */
  #say(lines) {
    byId('films-bar').hidden = lines === null;
    byId('films-text').textContent = (lines ?? []).join('\n');
  }

  #show() {
    const {text, list, cohort} = this.#page;
    const {running, waiting, done, all} = this.#state;
    byId('measuring').hidden = !running && !waiting;
    const bar = byId('measuring-bar');
    if (all === null || !running) {
      bar.removeAttribute('value');  // an indeterminate bar
    } else {
      bar.max = Math.max(1, all);
      bar.value = done;
    }
    const parts = [all === null || !running ? text('measuring_starts') : `${text('measuring')} ${done} / ${all}`];
    if (waiting) parts.push(`${waiting} ${text('waiting')}`);
    const told = parts.join(' · ');
    if (byId('measuring-text').textContent !== told) byId('measuring-text').textContent = told;
    byId('intake-text').textContent = this.#sending ? `${text('taking')} ${this.#sent} / ${this.#queued}: ${this.#sending}` : '';
    const is_empty = !list.studies.some(has_results);
    document.body.classList.toggle('without-studies', is_empty);
    byId('empty').hidden = !is_empty || !cohort.measures;
    byId('empty-add').hidden = !cohort.takes_films;
    byId('empty-text').textContent = text(running || waiting ? 'empty_measuring' : cohort.takes_films ? 'empty' : 'empty_failed');
  }
}
