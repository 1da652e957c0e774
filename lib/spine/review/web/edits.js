// Changes of the landmarks other than dragging.
import {LEVELS, clone, proposal, shifted} from '/landmarks.js';
import {byId, drawing, session} from '/parts.js';

/**
 * Changes the landmarks by a function of a copy.
 * @param how  stored with the edit; undefined: nothing
 */
export function edit(change, how) {
  if (!session.landmarks || drawing.read_only) return;
  const landmarks = clone(session.landmarks);
  const result = change(landmarks) ?? landmarks;
  session.landmarks = result;
  drawing.show(result);
  session.ask(result);
  session.commit(result, how);
}

function swap_front(landmarks) {
  landmarks.anterior = landmarks.anterior === 'left' ? 'right' : 'left';
  for (const part of [...LEVELS.map((l) => landmarks.vertebrae[l]), landmarks.S1]) {
    if (!part) continue;
    [part.sup_post, part.sup_ant] = [part.sup_ant, part.sup_post];
    if (part.inf_post) [part.inf_post, part.inf_ant] = [part.inf_ant, part.inf_post];
  }
}

function remove(landmarks, part) {
  const [kind, name] = part.split('.');
  if (kind === 'vertebrae') landmarks.vertebrae[name] = null;
  else if (kind === 'S1') landmarks.S1 = null;
  else landmarks.femoral_heads.splice(Number(name), 1);
}

function add(landmarks, what) {
  const part = proposal(landmarks, what);
  if (what === 'F') landmarks.femoral_heads.push(part);
  else if (what === 'S1') landmarks.S1 = part;
  else landmarks.vertebrae[what] = part;
}

export const edit_actions = {
  undo() { if (session.state?.can_undo) session.send({action: 'undo'}); },
  redo() { if (session.state?.can_redo) session.send({action: 'redo'}); },
  restart() { session.send({action: 'restart'}); },
  'shift-up'() { edit((landmarks) => shifted(landmarks, -1)); },
  'shift-down'() { edit((landmarks) => shifted(landmarks, 1)); },
  anterior() { edit(swap_front); },
  remove() {
    const part = drawing.selected;
    if (!part) return;
    drawing.selected = null;
    edit((landmarks) => remove(landmarks, part));
  },
};

/** Gives the keyboard to a landmark that was added. */
function focus_on(what) {
  const place = {S1: 'S1', F: `femoral_heads.${session.landmarks.femoral_heads.length - 1}`}[what] ?? `vertebrae.${what}`;
  byId('drawing').querySelector(`[data-at^="${place}"]`)?.focus();
}

/** Whether the note was written and not stored yet. */
export const has_unsaved_note = () => Boolean(session.state?.landmarks) && byId('note').value !== (session.state.note ?? '');

/** Makes the list of missing landmarks add one. */
export function listen_to_edits() {
  byId('add').addEventListener('change', (event) => {
    const what = event.target.value;
    if (!what) return;
    edit((landmarks) => add(landmarks, what));
    focus_on(what);
  });
  byId('note').addEventListener('change', (event) => session.send({action: 'note', text: event.target.value}));
}
