// spine-review: a cohort's studies, one film at a time or twelve, landmarks that can be moved.
import {get} from '/api.js';
import {listen_to_circle} from '/circle_tool.js';
import {listen_to_pointer, restore_display} from '/display.js';
import {has_unsaved_note, listen_to_edits} from '/edits.js';
import {Films} from '/films.js';
import {listen_to_keys} from '/keys.js';
import {Legend} from '/legend.js';
import {listen_to_mosaic} from '/mosaic.js';
import {byId, cohort, drawing, is_blind, list, press, say, session, values} from '/parts.js';
import {setting} from '/settings.js';
import {has_results} from '/studies.js';
import {follow_session, go_on, open, show_progress, show_study} from '/study.js';
import {load_texts, text} from '/texts.js';

function listen_to_verdict() {
  byId('reason-cancel').addEventListener('click', () => byId('reason').close('cancel'));
  byId('reason').addEventListener('close', async () => {
    const why = byId('reason-text').value.trim();
    if (byId('reason').returnValue !== 'ok' || !why) return;
    await session.send({action: 'reject', text: why});
    if (!session.has_unsaved) go_on();
  });
  window.addEventListener('beforeunload', (event) => {
    if (session.has_unsaved || has_unsaved_note()) event.preventDefault();
  });
}

function show_cohort() {
  drawing.read_only = session.read_only = cohort.read_only;
  document.body.classList.toggle('read-only', cohort.read_only);
  document.body.classList.toggle('blind', is_blind());
  byId('reader').textContent = cohort.reader + (is_blind() ? ` · ${text('blind')} ${cohort.session}` : '');
  byId('thumbnails').hidden = is_blind();
  list.with_thumbnails = !is_blind() && setting('thumbnails', 'false') === 'true';
  press('thumbnails', list.with_thumbnails);
  list.seed = is_blind() ? `${cohort.reader} ${cohort.session}` : '';
  list.show(cohort.studies);
}

/** Lets studies join the list when they are measured. */
function listen_to_films() {
  new Films({cohort, list, text}).onstudies = (positions) => {
    show_progress();
    const measured = positions.filter((p) => has_results(list.studies[p]));
    // The open study is left as it is, unless it had no results and has some now.
    if (!session.landmarks && measured.includes(session.position)) show_study(session.position);
    else if (session.position < 0) open(measured[0] ?? -1);
  };
}

async function start() {
  restore_display();
  await load_texts();
  values.build();
  Object.assign(cohort, await get('/api/cohort'));
  const legend = new Legend(byId('legend'));
  drawing.onoutlines = (structures) => legend.show(structures);
  drawing.onpoint = (words) => { byId('handle-name').textContent = words; };
  list.onopen = open;
  follow_session();
  listen_to_keys();
  listen_to_edits();
  listen_to_circle();
  listen_to_mosaic();
  listen_to_verdict();
  listen_to_pointer();
  show_cohort();
  const asked = decodeURIComponent(location.hash.slice(1));
  const first = list.studies.findIndex((s) => s.study === asked);
  await open(first >= 0 ? first : list.shown[0] ?? -1);
  listen_to_films();
}

start().catch((error) => say(error.message));
