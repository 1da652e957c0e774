// Twelve overlays at a time of studies that need no review, approved together.
import {post} from '/api.js';
import {byId, cohort, is_blind, list, press, session} from '/parts.js';
import {MosaicTile} from '/mosaic_tile.js';
import {show_progress, show_study} from '/study.js';
import {about, filled, text} from '/texts.js';

const TILES = 12;
const MOST_REQUESTS = 4;
const LONGEST = 120;  // seconds, longer is absence

let tiles = [];
let queue = [];       // positions that are still to be shown
let approved = 0;     // since the mosaic was opened
let since = 0;        // when these tiles were shown
let busy = false;
let touched = false;  // the open study was approved here

const node = byId('mosaic');
export const is_open = () => !node.hidden;

/** Studies without reasons for review, on which nobody has decided or edited, in list order. */
function candidates() {
  return list.shown.filter((position) => {
    const {status, verdict, edits, blind} = list.studies[position];
    return status === 'ok' && (verdict ?? 'open') === 'open' && !edits && !blind;
  });
}

/** Shows the mosaic, or the single view again. */
export async function toggle_mosaic() {
  if (is_blind()) return;
  if (is_open()) return close_mosaic();
  await session.flush();
  if (session.has_unsaved) return;
  queue = candidates();
  approved = 0;
  touched = false;
  node.hidden = false;
  byId('single').inert = true;
  press('mosaic-button', true);
  byId('mosaic-approve').hidden = cohort.read_only;
  show_next();
}

export function close_mosaic() {
  if (!is_open()) return;
  for (const tile of tiles) tile.drop();
  tiles = [];
  node.hidden = true;
  byId('single').inert = false;
  press('mosaic-button', false);
  if (touched) show_study(session.position);
  else session.resume();
}

/** Opens a study of the mosaic by itself. */
async function open_single(position) {
  touched = false;
  close_mosaic();
  await show_study(position);
}

function tell() {
  const ready = tiles.filter((tile) => tile.can_be_approved).length;
  const waiting = tiles.some((tile) => tile.is_loading) || busy;
  byId('mosaic-progress').textContent = filled('mosaic_progress', {approved, left: queue.length + tiles.filter((t) => !t.is_approved).length});
  byId('mosaic-approve').textContent = filled('mosaic_approve', {count: ready});
  byId('mosaic-approve').disabled = waiting || !ready;
  byId('mosaic-next').disabled = waiting || !queue.length;
}

async function load(batch) {
  const waiting = [...batch];
  const worker = async () => {
    for (let tile = waiting.shift(); tile; tile = waiting.shift()) {
      await tile.load();
      if (tiles.includes(tile)) tell();
    }
  };
  await Promise.all(Array.from({length: MOST_REQUESTS}, worker));
}

function show_next() {
  for (const tile of tiles) tile.drop();
  tiles = queue.splice(0, TILES).map((position) => new MosaicTile(position, list.studies[position]));
  for (const tile of tiles) {
    tile.onopen = () => open_single(tile.position);
    tile.onchange = tell;
  }
  const empty = document.createElement('p');
  empty.className = 'empty';
  empty.textContent = text('mosaic_empty');
  byId('mosaic-grid').replaceChildren(...(tiles.length ? tiles.map((tile) => tile.node) : [empty]));
  since = performance.now();
  tell();
  load(tiles);
  (tiles[0]?.node ?? byId('mosaic-close')).focus();
}

async function approve(tile, seconds) {
  const path = `/api/studies/${tile.position}/events`;
  try {
    await post(path, {action: 'approve', text: 'mosaic', seconds}, tile.revision);
    tile.approve();
    ++approved;
    touched = touched || tile.position === session.position;
    list.update(tile.position, {verdict: 'approved'});
  } catch (error) {
    tile.fail(`${text('not_saved')} ${error.message}`);
  }
}

/** Approves the tiles that are shown, one event each, and goes on if all were stored. */
async function approve_shown() {
  const shown = tiles.filter((tile) => tile.can_be_approved);
  if (busy || cohort.read_only || !shown.length || tiles.some((tile) => tile.is_loading)) return;
  busy = true;
  tell();
  const seconds = Math.min((performance.now() - since) / 1000, LONGEST) / shown.length;
  for (const tile of shown) await approve(tile, seconds);
  busy = false;
  show_progress();
  if (!is_open()) return;
  if (shown.every((tile) => tile.is_approved)) show_next();
  else tell();
}

function step(by) {
  const now = tiles.findIndex((tile) => tile.node.contains(document.activeElement));
  tiles[Math.min(Math.max(now + by, 0), tiles.length - 1)]?.node.focus();
}

/** Tiles in a row, which depends on the window's shape. */
const columns = () => getComputedStyle(byId('mosaic-grid')).gridTemplateColumns.split(' ').length;

const STEPS = {ArrowLeft: () => -1, ArrowRight: () => 1, ArrowUp: () => -columns(), ArrowDown: columns};

/** A key while the mosaic is shown. @returns whether it meant anything */
export function mosaic_key(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  const key = event.key.toLowerCase();
  if (event.key === 'Escape') close_mosaic();
  else if (STEPS[event.key]) step(STEPS[event.key]());
  else if (key === 'm') close_mosaic();
  else if (key === 'a' && !event.repeat) approve_shown();
  else if (key === 'n' && !byId('mosaic-next').disabled && !event.repeat) show_next();
  else return tiles.find((tile) => tile.node === document.activeElement)?.key(event) ?? false;
  return true;
}

export function listen_to_mosaic() {
  byId('mosaic-approve').title = about('mosaic_approve');
  byId('mosaic-approve').addEventListener('click', approve_shown);
  byId('mosaic-next').addEventListener('click', show_next);
  byId('mosaic-close').addEventListener('click', close_mosaic);
  byId('mosaic-button').hidden = is_blind();
}
