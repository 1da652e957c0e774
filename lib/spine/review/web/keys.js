// Keys of the page: what has a button has a key.
import {byId, list, session} from '/parts.js';
import {cancel_circle, toggle_circle, toggle_dome} from '/circle_tool.js';
import {display_actions} from '/display.js';
import {edit_actions} from '/edits.js';
import {is_open, mosaic_key, toggle_mosaic} from '/mosaic.js';
import {keep} from '/settings.js';
import {go_on, open} from '/study.js';

/** What the buttons do, by their id. */
export const actions = {
  ...display_actions,
  ...edit_actions,
  circle: toggle_circle,
  'mosaic-button': toggle_mosaic,
  thumbnails() {
    if (byId('thumbnails').hidden) return;
    list.with_thumbnails = !list.with_thumbnails;
    byId('thumbnails').setAttribute('aria-pressed', list.with_thumbnails);
    keep('thumbnails', list.with_thumbnails);
  },
  async approve() {
    const {position} = session;
    await session.send({action: 'approve'});
    if (!session.has_unsaved && session.position === position) go_on();
  },
  reject() {
    if (!session.landmarks) return;
    byId('reason').returnValue = '';
    byId('reason-text').value = '';
    byId('reason').showModal();
  },
  reopen() { if (session.state?.verdict !== 'open') session.send({action: 'reopen'}); },
  next() { open(list.next_open()); },
};

const KEYS = {f: 'fit', 1: 'actual', i: 'invert', e: 'clahe', h: 'hide', o: 'outlines', g: 'angles', '[': 'shift-up',
              ']': 'shift-down', c: 'circle', t: 'thumbnails', m: 'mosaic-button', Delete: 'remove', ' ': 'approve',
              r: 'reject', u: 'reopen', n: 'next', '?': 'help-button'};
const DECISIONS = [' ', 'r', 'n'];  // one for each press of the key
const CONTROL_KEYS = {z: 'undo', y: 'redo'};

function single_key(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) {
    const id = key === 'z' && event.shiftKey ? 'redo' : CONTROL_KEYS[key];
    if (id) actions[id]();
    return Boolean(id);
  }
  if (event.altKey) return false;
  if (key === ' ' && event.target.matches('button, input')) return false;
  if (key === 'Escape') return cancel_circle();
  if (key === 'd' && toggle_dome()) return true;
  if (key === 'j' || key === 'PageDown') open(list.neighbour(1));
  else if (key === 'k' || key === 'PageUp') open(list.neighbour(-1));
  else if (event.repeat && DECISIONS.includes(key)) return true;
  else if (KEYS[key]) actions[KEYS[key]]();
  else return false;
  return true;
}

export function listen_to_keys() {
  for (const [id, act] of Object.entries(actions)) byId(id).addEventListener('click', act);
  document.addEventListener('keydown', (event) => {
    if (document.querySelector('dialog[open]')) return;
    if (event.key === 'Escape' && event.target.matches('textarea, input[type=search]')) event.target.blur();
    const types = event.target.matches('input:not([type=range]):not([type=checkbox]), textarea, select');
    if (types) return;
    if (is_open() ? mosaic_key(event) : single_key(event)) event.preventDefault();
  });
}
