// spine-review: a cohort's studies, one film at a time, landmarks that can be moved.
import {Refused, film as fetch_film, get, preview} from '/api.js';
import {Drawing} from '/drawing.js';
import {LEVELS, body_middle, clone, proposal, shifted} from '/landmarks.js';
import {List} from '/list.js';
import {Session} from '/session.js';
import {Values} from '/values.js';
import {FilmCanvas, View, grey_range} from '/viewer.js';

const byId = (id) => document.getElementById(id);
const stage = byId('stage');

const view = new View();
const canvas = new FilmCanvas(byId('pixels'), view);
const drawing = new Drawing(byId('drawing'), view);
const list = new List(byId('list'));
const session = new Session();
const values = new Values(byId('values'));

let cohort = null;
let texts = {};
let selected = null;     // part that Delete removes
let locked = false;      // zoom and window stay from film to film
let loading = null;      // AbortController of the film on its way
const films = new Map(); // position -> promise of the pixels, the next ones ahead

const text = (key) => texts[key] ?? key;

// ---- texts

async function set_language(language) {
  texts = await get(`/${language}.json`);
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll('[data-text]')) {
    node.textContent = text(node.dataset.text);
    const about = texts[`about_${node.dataset.text}`];
    const key = node.dataset.key;
    node.title = [about, key && `(${key})`].filter(Boolean).join(' ');
  }
  for (const node of document.querySelectorAll('[data-label]')) node.setAttribute('aria-label', text(node.dataset.label));
  for (const node of document.querySelectorAll('[data-placeholder]')) node.placeholder = text(node.dataset.placeholder);
  byId('add').replaceChildren(new Option(text('add'), ''));
  const help = byId('help-text');
  help.replaceChildren(...texts.how_to.map(([title, ...lines]) => {
    const section = document.createElement('section');
    const head = document.createElement('h3');
    head.textContent = title;
    section.append(head, ...lines.map((line) => {
      const p = document.createElement('p');
      p.textContent = line;
      return p;
    }));
    return section;
  }));
}

// ---- the bar that says what went wrong

function say(message, actions = []) {
  byId('bar').hidden = !message;
  byId('bar-text').textContent = message ?? '';
  byId('bar-actions').replaceChildren(...actions.map(([label, act]) => {
    const button = document.createElement('button');
    button.textContent = text(label);
    button.addEventListener('click', () => {
      say(null);
      act();
    });
    return button;
  }));
}

session.onproblem = (kind, error, retry) => {
  if (kind === 'conflict') {
    say(text('conflict'), [['keep_mine', () => session.keep_mine(error.body)],
                           ['take_theirs', () => session.take_theirs(error.body)]]);
  } else {
    // What the server refuses now, it will refuse again.
    const refused = error.status === 400 || error.status === 404 || error.status === 422;
    say(`${text('not_saved')} ${error.message}`,
        [['again', retry], ...(refused ? [['discard', () => session.take_theirs()]] : [])]);
  }
};
session.onsaved = () => {
  if (!session.has_unsaved) say(null);
};

// ---- the film

function repaint() {
  canvas.draw();
  drawing.place();
}

function fit() {
  view.fit(stage.clientWidth, stage.clientHeight);
  repaint();
}

function film_of(position) {
  if (!films.has(position)) {
    const promise = fetch_film(position);
    promise.catch(() => films.delete(position));
    films.set(position, promise);
  }
  return films.get(position);
}

function prefetch(position) {
  const place = list.shown.indexOf(position);
  const near = list.shown.slice(place, place + 3).filter((p) => ['ok', 'review', 'missing'].includes(list.studies[p].status));
  for (const kept of films.keys()) if (!near.includes(kept) && kept !== position) films.delete(kept);
  for (const next of near) film_of(next).catch(() => {});
}

async function show_preview(position, current) {
  if (!current() || canvas.film) return;
  const picture = await preview(position).catch(() => null);
  if (!picture || !current() || canvas.film || canvas.preview) return;
  canvas.preview = picture;
  canvas.draw();
}

/** Where the film that was measured is not found, landmarks are shown and not moved. */
function set_read_only(read_only) {
  if (drawing.read_only === read_only) return;
  drawing.read_only = read_only;
  if (!drawing.dragging) drawing.show(session.landmarks);
}

async function load_film(position) {
  loading?.abort();
  const mine = loading = new AbortController();
  const note = byId('film-note');
  note.textContent = '';
  canvas.film = canvas.preview = null;
  canvas.draw();
  const current = () => !mine.signal.aborted && session.position === position;
  try {
    if (!cohort.films) throw new Error(text('no_films'));
    setTimeout(() => show_preview(position, current), 30);
    const pixels = await film_of(position);
    if (!current()) return;
    canvas.film = pixels;
    set_read_only(cohort.read_only);
    if (!locked || !canvas.developed) canvas.set_window(...grey_range(pixels, 0.999));
    else canvas.develop();
    canvas.developed = true;
    prefetch(position);
  } catch (error) {
    if (!current()) return;
    const is_missing = error instanceof Refused && [404, 422].includes(error.status);
    if (is_missing) set_read_only(true);
    const hints = [cohort.session === null && 'overlay_shown', is_missing && 'not_movable'].filter(Boolean);
    note.textContent = [error.message, ...hints.map(text)].join(' ');
    if (cohort.session !== null) return;
    const overlay = new Image();
    overlay.src = `/api/studies/${position}/overlay`;
    await overlay.decode().catch(() => {});
    if (!current() || !overlay.naturalWidth) return;
    canvas.preview = overlay;
    canvas.draw();
  }
}

async function load_outlines(position) {
  drawing.outlines = {};
  if (cohort.session !== null) return;
  const outlines = await get(`/api/studies/${position}/outlines`).catch(() => ({}));
  if (session.position !== position) return;
  drawing.outlines = outlines;
  drawing.place();
}

// ---- a study

async function open(position) {
  if (position < 0 || position === session.position) return;
  if (session.has_unsaved) {
    await session.flush();
    if (session.has_unsaved) return;
  }
  list.select(position);
  const study = list.studies[position];
  byId('study-name').textContent = study.study;
  try {
    selected = null;
    drawing.show(null);
    if (!await session.open(position)) return;
  } catch (error) {
    byId('study-status').textContent = error.message;
    return;
  }
  if (!session.state.landmarks) {
    byId('study-status').textContent = `${text(study.status)}: ${session.state.error ?? ''}`;
    canvas.film = canvas.preview = null;
    canvas.draw();
    return;
  }
  const [width, height] = session.state.size;
  const keeps_view = locked && width === view.width && height === view.height;
  view.width = width;
  view.height = height;
  view.aspect = session.state.spacing ? session.state.spacing[0] / session.state.spacing[1] : 1;
  if (!keeps_view) fit();
  load_film(position);
  load_outlines(position);
  location.replace(`#${encodeURIComponent(study.study)}`);
}

function show_reasons(state) {
  const reasons = state.values.reasons.map((flag) => {
    const button = document.createElement('button');
    button.className = 'reason';
    button.textContent = text(flag);
    button.title = texts[`about_${flag}`] ?? flag;
    button.addEventListener('click', () => zoom_to(flag));
    return button;
  });
  byId('reasons').replaceChildren(...reasons);
}

/** Shows the landmark that a flag is about. */
function zoom_to(flag) {
  const name = flag.split('_').pop();
  const {landmarks} = session;
  let point = null;
  if (LEVELS.includes(name) && landmarks.vertebrae[name]) point = body_middle(landmarks.vertebrae[name]);
  else if (/^S1?$/.test(name) && landmarks.S1) point = landmarks.S1.sup_post;
  else if (/^F\d$/.test(name) && landmarks.femoral_heads[name[1] - 1]) point = landmarks.femoral_heads[name[1] - 1].center;
  if (!point) return fit();
  view.zoom = 4 * Math.min(stage.clientWidth / view.width, stage.clientHeight / view.height);
  view.show(point, stage.clientWidth, stage.clientHeight);
  repaint();
}

session.onstate = (state) => {
  if (!state.landmarks) return;
  drawing.edited = new Set(state.edited ?? []);
  drawing.show(session.landmarks);
  values.show(state.values, state.machine?.values);
  show_reasons(state);
  byId('study-status').textContent = text(state.values.status) + (state.stale ? ` – ${text('stale')}` : '');
  byId('verdict').textContent = state.verdict === 'open' ? '' : `${text(state.verdict)}: ${state.reader}, ${state.time}${state.reason ? ` – ${state.reason}` : ''}`;
  byId('undo').disabled = !state.can_undo;
  byId('redo').disabled = !state.can_redo;
  if (document.activeElement !== byId('note')) byId('note').value = state.note;
  const missing = [...LEVELS.filter((l) => !state.landmarks.vertebrae[l]), ...(state.landmarks.S1 ? [] : ['S1']),
                   ...(state.landmarks.femoral_heads.length < 2 ? ['F'] : [])];
  byId('add').replaceChildren(new Option(text('add'), ''), ...missing.map((m) => new Option(m === 'F' ? text('head') : m, m)));
  byId('add').disabled = !missing.length || cohort.read_only;
  list.update(session.position, {verdict: state.verdict, edits: (state.edited ?? []).length});
  const [done, all] = list.progress();
  byId('progress').textContent = `${done} / ${all}`;
};
session.onvalues = (answer) => values.show(answer, session.state.machine?.values);
session.is_dragging = () => drawing.dragging;

drawing.onmoved = (landmarks) => session.ask(landmarks);
drawing.onplaced = (landmarks) => session.commit(landmarks);
drawing.onselect = (part) => { selected = part; };
drawing.onloupe = (point) => {
  const loupe = byId('loupe');
  loupe.hidden = point === null;
  if (point) canvas.draw_loupe(loupe, point);
};

/** Changes the landmarks by a function of a copy. */
function edit(change) {
  if (!session.landmarks || drawing.read_only) return;
  const landmarks = clone(session.landmarks);
  const result = change(landmarks) ?? landmarks;
  session.landmarks = result;
  drawing.show(result);
  session.ask(result);
  session.commit(result);
}

const actions = {
  fit,
  actual() {
    view.zoom_at([stage.clientWidth / 2, stage.clientHeight / 2], 1);
    repaint();
  },
  invert() {
    canvas.inverted = !canvas.inverted;
    byId('invert').setAttribute('aria-pressed', canvas.inverted);
    canvas.develop();
  },
  'window-read'() { if (canvas.film) canvas.set_window(0, canvas.film.max); },
  'window-bone'() { if (canvas.film) canvas.set_window(...grey_range(canvas.film, 0.9)); },
  'window-wide'() { if (canvas.film) canvas.set_window(...grey_range(canvas.film, 0.999)); },
  hide() { toggle('hide', 'hidden'); },
  outlines() { toggle('outlines', 'with-outlines'); },
  mirror() {
    view.mirrored = !view.mirrored;
    byId('mirror').setAttribute('aria-pressed', view.mirrored);
    repaint();
  },
  lock() {
    locked = !locked;
    byId('lock').setAttribute('aria-pressed', locked);
  },
  undo() { if (session.state?.can_undo) session.send({action: 'undo'}); },
  redo() { if (session.state?.can_redo) session.send({action: 'redo'}); },
  restart() { session.send({action: 'restart'}); },
  'shift-up'() { edit((landmarks) => shifted(landmarks, -1)); },
  'shift-down'() { edit((landmarks) => shifted(landmarks, 1)); },
  anterior() {
    edit((landmarks) => {
      landmarks.anterior = landmarks.anterior === 'left' ? 'right' : 'left';
      for (const part of [...LEVELS.map((l) => landmarks.vertebrae[l]), landmarks.S1]) {
        if (!part) continue;
        [part.sup_post, part.sup_ant] = [part.sup_ant, part.sup_post];
        if (part.inf_post) [part.inf_post, part.inf_ant] = [part.inf_ant, part.inf_post];
      }
    });
  },
  remove() {
    if (!selected) return;
    edit((landmarks) => {
      const [kind, name] = selected.split('.');
      if (kind === 'vertebrae') landmarks.vertebrae[name] = null;
      else if (kind === 'S1') landmarks.S1 = null;
      else landmarks.femoral_heads.splice(Number(name), 1);
      selected = null;
    });
  },
  async approve() {
    const {position} = session;
    await session.send({action: 'approve'});
    if (!session.has_unsaved && session.position === position) open(list.next_open());
  },
  reject() { byId('reason').showModal(); },
  next() { open(list.next_open()); },
  theme() {
    const light = document.documentElement.dataset.theme !== 'light';
    document.documentElement.dataset.theme = light ? 'light' : 'dark';
    localStorage.setItem('theme', document.documentElement.dataset.theme);
  },
  'help-button'() { byId('help').showModal(); },
};

function toggle(id, name) {
  const on = stage.classList.toggle(name);
  byId(id).setAttribute('aria-pressed', on);
}

for (const [id, act] of Object.entries(actions)) byId(id).addEventListener('click', act);
byId('add').addEventListener('change', (event) => {
  const what = event.target.value;
  if (!what) return;
  edit((landmarks) => {
    const part = proposal(landmarks, what);
    if (what === 'F') landmarks.femoral_heads.push(part);
    else if (what === 'S1') landmarks.S1 = part;
    else landmarks.vertebrae[what] = part;
  });
});
byId('note').addEventListener('change', (event) => session.send({action: 'note', text: event.target.value}));
byId('reason').addEventListener('close', async () => {
  const why = byId('reason-text').value.trim();
  if (byId('reason').returnValue !== 'ok' || !why) return;
  await session.send({action: 'reject', text: why});
  if (!session.has_unsaved) open(list.next_open());
});
list.onopen = open;

const KEYS = {f: 'fit', 1: 'actual', i: 'invert', h: 'hide', o: 'outlines', '[': 'shift-up', ']': 'shift-down',
              Delete: 'remove', ' ': 'approve', r: 'reject', n: 'next', '?': 'help-button'};
document.addEventListener('keydown', (event) => {
  if (event.target.matches('input, textarea, select') || document.querySelector('dialog[open]')) return;
  const control = event.ctrlKey || event.metaKey;
  if (control && event.key.toLowerCase() === 'z') actions[event.shiftKey ? 'redo' : 'undo']();
  else if (control && event.key.toLowerCase() === 'y') actions.redo();
  else if (control || event.altKey) return;
  else if (event.key === 'j' || event.key === 'PageDown') open(list.neighbour(1));
  else if (event.key === 'k' || event.key === 'PageUp') open(list.neighbour(-1));
  else if (event.key === ' ' && event.target.matches('button')) return;
  else if (event.repeat && [' ', 'r', 'n'].includes(event.key.toLowerCase())) { /* each press is one decision */ }
  else if (KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key]) actions[KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key]]();
  else return;
  event.preventDefault();
});

// ---- pan, zoom, window and level

stage.addEventListener('wheel', (event) => {
  event.preventDefault();
  const box = stage.getBoundingClientRect();
  view.zoom_at([event.clientX - box.left, event.clientY - box.top], view.zoom * 1.0015 ** -event.deltaY);
  repaint();
}, {passive: false});
stage.addEventListener('contextmenu', (event) => event.preventDefault());
stage.addEventListener('pointerdown', (down) => {
  stage.setPointerCapture(down.pointerId);
  let [x, y] = [down.clientX, down.clientY];
  const level = down.button === 2;
  const step = (event) => {
    const [dx, dy] = [event.clientX - x, event.clientY - y];
    [x, y] = [event.clientX, event.clientY];
    if (level) {
      if (!canvas.film) return;
      const unit = canvas.film.max / 800;
      const width = Math.max(unit, canvas.high - canvas.low + dx * unit * 2);
      const middle = (canvas.high + canvas.low) / 2 + dy * unit;
      canvas.set_window(middle - width / 2, middle + width / 2);
    } else {
      view.x += dx;
      view.y += dy;
      repaint();
    }
  };
  const end = () => {
    stage.removeEventListener('pointermove', step);
    stage.removeEventListener('pointerup', end);
    stage.removeEventListener('pointercancel', end);
  };
  stage.addEventListener('pointermove', step);
  stage.addEventListener('pointerup', end);
  stage.addEventListener('pointercancel', end);
});
new ResizeObserver(repaint).observe(stage);
window.addEventListener('beforeunload', (event) => {
  if (session.has_unsaved) event.preventDefault();
});

// ---- start

async function start() {
  document.documentElement.dataset.theme = localStorage.getItem('theme') ?? 'dark';
  const language = (navigator.languages ?? ['en']).map((l) => l.slice(0, 2)).find((l) => ['en', 'ko'].includes(l)) ?? 'en';
  await set_language(language);
  list.text = values.text = drawing.text = text;
  values.build();
  stage.classList.add('with-outlines');
  cohort = await get('/api/cohort');
  drawing.read_only = cohort.read_only;
  document.body.classList.toggle('read-only', cohort.read_only);
  byId('reader').textContent = cohort.reader + (cohort.session === null ? '' : ` · ${text('blind')} ${cohort.session}`);
  list.show(cohort.studies);
  const asked = decodeURIComponent(location.hash.slice(1));
  const first = list.studies.findIndex((s) => s.study === asked);
  await open(first >= 0 ? first : list.shown[0] ?? -1);
}

start().catch((error) => say(error.message));
