// The parts of the page, each made once, and what several modules do with them.
import {Drawing} from '/drawing.js';
import {List} from '/list.js';
import {Session} from '/session.js';
import {text} from '/texts.js';
import {Values} from '/values.js';
import {FilmCanvas, View} from '/viewer.js';

export const byId = (id) => document.getElementById(id);
export const stage = byId('stage');
export const view = new View();
export const canvas = new FilmCanvas(byId('pixels'), view);
export const drawing = new Drawing(byId('drawing'), view);
export const list = new List(byId('list'));
export const session = new Session();
export const values = new Values(byId('values'));

/** What the server says about the review: studies, reader, session, read_only, films. */
export const cohort = {};

/** Whether all studies are read without the machine's results. */
export const is_blind = () => cohort.session !== null;

/** Whether the open study is read so, until the reader's verdict. */
export const is_blind_first = () => !is_blind() && Boolean(session.state?.blind);

export function press(id, on) {
  byId(id).setAttribute('aria-pressed', on);
}

export function repaint() {
  canvas.draw();
  drawing.place();
}

export function fit() {
  view.fit(stage.clientWidth, stage.clientHeight);
  repaint();
}

/** The bar that says what went wrong; null hides it. */
export function say(message, actions = []) {
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
