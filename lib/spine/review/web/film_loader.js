// The films: the open one, the next ones ahead, and the view with local contrast.
import {Refused, film as fetch_film, get, preview} from '/api.js';
import {byId, canvas, cohort, drawing, is_blind, is_blind_first, list, press, session, stage} from '/parts.js';
import {has_results} from '/studies.js';
import {text} from '/texts.js';
import {grey_range} from '/viewer.js';

export const USUAL_SHARE = 0.999;  // of the pixels, between black and white

const PREVIEW_AFTER = 30;         // milliseconds: a film that was read ahead is there before

const films = new Map();  // "position view" -> promise of the pixels
let loading = null;       // AbortController of the film on its way
let kind = 'plain';       // or "clahe"

export const display = {
  locked: false,  // zoom and window stay from film to film
  windows: {},    // grey values by view, of films shown with a locked view
};

function film_of(position) {
  const key = `${position} ${kind}`;
  if (!films.has(key)) {
    const promise = fetch_film(position, kind);
    promise.catch(() => films.delete(key));
    films.set(key, promise);
  }
  return films.get(key);
}

/** Keeps the open film and reads the next three of the list. */
function prefetch(position) {
  const place = list.shown.indexOf(position);
  const near = place < 0 ? [] : list.shown.slice(place, place + 3).filter((p) => has_results(list.studies[p]));
  for (const key of films.keys()) {
    const kept = Number(key.split(' ')[0]);
    if (!near.includes(kept) && kept !== position) films.delete(key);
  }
  for (const next of near) film_of(next).catch(() => {});
}

/** Shows a small picture of a film that takes time. */
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

const sentence = (words) => (/[.!?…]$/.test(words) ? words : `${words}.`);

async function show_overlay(position, current) {
  const overlay = new Image();
  overlay.src = `/api/studies/${position}/overlay`;
  await overlay.decode().catch(() => {});
  if (!current() || !overlay.naturalWidth) return;
  canvas.preview = overlay;
  stage.classList.add('with-overlay');
  canvas.draw();
}

function show_pixels(pixels, position) {
  const window_of_view = display.windows[kind];
  canvas.film = pixels;
  if (window_of_view) canvas.set_window(...window_of_view);
  else canvas.set_window(...grey_range(pixels, USUAL_SHARE));
  prefetch(position);
}

/** Shows the film of a study, or its stored overlay if there is no film. */
export async function load_film(position) {
  loading?.abort();
  const mine = loading = new AbortController();
  const note = byId('film-note');
  note.textContent = '';
  stage.classList.remove('with-overlay');
  if (!display.locked) display.windows = {};
  else if (canvas.film) display.windows[kind] = [canvas.low, canvas.high];
  canvas.film = canvas.preview = null;
  canvas.draw();
  const current = () => !mine.signal.aborted && session.position === position;
  byId('clahe').disabled = !cohort.films;
  try {
    if (!cohort.films) throw new Error(text('no_films'));
    setTimeout(() => show_preview(position, current), PREVIEW_AFTER);
    const pixels = await film_of(position);
    if (!current()) return;
    set_read_only(cohort.read_only);
    show_pixels(pixels, position);
  } catch (error) {
    if (!current()) return;
    const is_missing = error instanceof Refused && [404, 422].includes(error.status);
    if (is_missing) set_read_only(true);
    const hides_overlay = is_blind() || is_blind_first();
    const hints = [!hides_overlay && 'overlay_shown', is_missing && 'not_movable'].filter(Boolean);
    note.textContent = [sentence(error.message), ...hints.map(text)].join(' ');
    if (!hides_overlay) await show_overlay(position, current);
  }
}

/** Shows no film. */
export function clear_film() {
  loading?.abort();
  stage.classList.remove('with-overlay');
  byId('film-note').textContent = '';
  canvas.film = canvas.preview = null;
  canvas.draw();
}

/** Switches between the film as it is and its view with local contrast; each keeps its window. */
export async function switch_view() {
  if (!canvas.film) return;
  const {position} = session;
  display.windows[kind] = [canvas.low, canvas.high];
  const before = kind;
  kind = kind === 'plain' ? 'clahe' : 'plain';
  const wanted = kind;
  press('clahe', kind === 'clahe');
  try {
    const pixels = await film_of(position);
    if (session.position === position && kind === wanted) show_pixels(pixels, position);
  } catch (error) {
    if (session.position !== position || kind !== wanted) return;
    kind = before;
    press('clahe', kind === 'clahe');
    byId('film-note').textContent = error.message;
  }
}

/** Shows the outlines of a study's masks. */
export async function load_outlines(position) {
  drawing.show_outlines({});
  if (is_blind() || is_blind_first()) return;
  const outlines = await get(`/api/studies/${position}/outlines`).catch(() => ({}));
  if (session.position === position) drawing.show_outlines(outlines);
}
