// The open study: opening another one, and what the panel says about it.
import {LEVELS, body_middle} from '/landmarks.js';
import {byId, canvas, drawing, fit, is_blind_first, list, repaint, say, session, stage, values, view} from '/parts.js';
import {cancel_circle} from '/circle_tool.js';
import {clear_film, display, load_film, load_outlines} from '/film_loader.js';
import {about, reason_text, text} from '/texts.js';

export async function open(position) {
  if (position < 0 || position === session.position) return;
  if (session.has_unsaved) {
    await session.flush();
    if (session.has_unsaved) return;
  }
  await show_study(position);
}

/** Opens a study, also the one that is open, as the server has it now. */
export async function show_study(position) {
  cancel_circle();
  list.select(position);
  const study = list.studies[position];
  byId('study-name').textContent = study.study;
  try {
    drawing.show(null);
    if (!await session.open(position)) return;
  } catch (error) {
    byId('study-status').textContent = error.message;
    return;
  }
  if (!session.state.landmarks) {
    show_failure(study);
    return;
  }
  const [width, height] = session.state.size;
  const keeps_view = display.locked && width === view.width && height === view.height;
  view.width = width;
  view.height = height;
  view.aspect = session.state.spacing ? session.state.spacing[0] / session.state.spacing[1] : 1;
  if (!keeps_view) fit();
  load_film(position);
  load_outlines(position);
  location.replace(`#${encodeURIComponent(study.study)}`);
}

/** After a verdict: the next study, or the machine's results of one that was read blind first. */
export async function go_on() {
  if (!is_blind_first()) return open(list.next_open());
  await show_study(session.position);
  const {flags, measurements} = session.state.machine.values;
  const angles = Object.fromEntries(['PT', 'SS', 'PI', 'LL'].map((name) => [name, measurements[name]?.value]));
  list.update(session.position, {blind: false, flags, ...angles});
}

/** A study without results can neither be changed nor decided on. */
function disable_edits(disabled) {
  for (const node of document.querySelectorAll('#study .actions > *, #note, #approve, #reject')) node.disabled = disabled;
}

function show_verdict(state) {
  byId('decided').hidden = state.verdict === 'open';
  const time = new Date(state.time);
  const when = Number.isNaN(time.getTime()) ? '' : time.toLocaleString(document.documentElement.lang, {dateStyle: 'medium', timeStyle: 'short'});
  byId('verdict').textContent = [`${text(state.verdict)}: ${state.reader}`, when, state.reason].filter(Boolean).join(' · ');
}

function show_failure(study) {
  byId('study-status').textContent = `${text(study.status)}: ${session.state.error ?? ''}`;
  byId('reasons').replaceChildren();
  byId('decided').hidden = true;
  byId('note').value = '';
  disable_edits(true);
  values.show(null, null);
  drawing.show_outlines({});
  clear_film();
}

function show_reasons(state) {
  const reasons = state.values.reasons.map((flag) => {
    const button = document.createElement('button');
    button.className = 'reason';
    button.textContent = reason_text(flag);
    button.title = about(flag) ?? flag;
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

function offer_missing({landmarks}) {
  const missing = [...LEVELS.filter((l) => !landmarks.vertebrae[l]), ...(landmarks.S1 ? [] : ['S1']),
                   ...(landmarks.femoral_heads.length < 2 ? ['F'] : [])];
  const options = missing.map((m) => new Option(m === 'F' ? text('head') : m, m));
  byId('add').replaceChildren(new Option(text('add'), ''), ...options);
  byId('add').disabled = !missing.length || drawing.read_only;
}

export function show_progress() {
  const [done, all] = list.progress();
  byId('progress').textContent = `${done} / ${all}`;
}

/** Shows a study's state whenever the server's answer arrives. */
export function follow_session() {
  session.onstate = (state) => {
    if (!state.landmarks) return;
    drawing.edited = new Set(state.edited ?? []);
    drawing.uncertainty = state.machine?.uncertainty ?? {};
    drawing.show(session.landmarks, state.values.measurements);
    values.show(state.values, state.machine?.values);
    show_reasons(state);
    byId('study-status').textContent = is_blind_first() ? text('blind_first') : text(state.values.status) + (state.stale ? ` – ${text('stale')}` : '');
    disable_edits(false);
    show_verdict(state);
    byId('undo').disabled = !state.can_undo;
    byId('redo').disabled = !state.can_redo;
    if (document.activeElement !== byId('note')) byId('note').value = state.note;
    offer_missing(state);
    list.update(session.position, {verdict: state.verdict, edits: (state.edited ?? []).length, reader: state.reader});
    show_progress();
  };
  session.onvalues = (answer) => {
    values.show(answer, session.state.machine?.values);
    drawing.show_values(answer.measurements);
  };
  session.onproblem = (kind, error, retry) => {
    if (kind === 'conflict') {
      say(text('conflict'), [['keep_mine', () => session.keep_mine(error.body)],
                             ['take_theirs', () => session.take_theirs(error.body)]]);
    } else {
      // What the server refuses now, it will refuse again.
      const refused = [400, 404, 422].includes(error.status);
      say(`${text('not_saved')} ${error.message}`,
          [['again', retry], ...(refused ? [['discard', () => session.take_theirs()]] : [])]);
    }
  };
  session.onsaved = () => {
    if (!session.has_unsaved) say(null);
  };
  session.is_dragging = () => drawing.dragging;
  drawing.onmoved = (landmarks) => session.ask(landmarks);
  drawing.onplaced = (landmarks) => session.commit(landmarks);
  drawing.onloupe = (point) => {
    byId('loupe').hidden = point === null;
    if (point) canvas.draw_loupe(byId('loupe'), point);
  };
}
