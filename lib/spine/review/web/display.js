// How the film and the drawings are shown: buttons, pan, zoom, window and level.
import {byId, canvas, drawing, fit, press, repaint, stage, view} from '/parts.js';
import {USUAL_SHARE, display, switch_view} from '/film_loader.js';
import {keep, setting} from '/settings.js';
import {grey_range} from '/viewer.js';

const BONE_SHARE = 0.9;

function toggle(id, name) {
  const on = stage.classList.toggle(name);
  press(id, on);
  return on;
}

export const display_actions = {
  fit,
  actual() {
    view.zoom_at([stage.clientWidth / 2, stage.clientHeight / 2], 1);
    repaint();
  },
  invert() {
    canvas.inverted = !canvas.inverted;
    press('invert', canvas.inverted);
    canvas.develop();
  },
  'window-read'() { if (canvas.film) canvas.set_window(0, canvas.film.max); },
  'window-bone'() { if (canvas.film) canvas.set_window(...grey_range(canvas.film, BONE_SHARE)); },
  'window-wide'() { if (canvas.film) canvas.set_window(...grey_range(canvas.film, USUAL_SHARE)); },
  clahe: switch_view,
  hide() { toggle('hide', 'hidden'); },
  outlines() { toggle('outlines', 'with-outlines'); },
  angles() {
    drawing.with_angles = !drawing.with_angles;
    press('angles', drawing.with_angles);
    keep('angles', drawing.with_angles);
    drawing.place();
  },
  mirror() {
    view.mirrored = !view.mirrored;
    press('mirror', view.mirrored);
    repaint();
  },
  lock() {
    display.locked = !display.locked;
    press('lock', display.locked);
    display.windows = {};
  },
  theme() { show_theme(document.documentElement.dataset.theme === 'light' ? 'dark' : 'light'); },
  'help-button'() { byId('help').showModal(); },
};

function show_theme(theme) {
  document.documentElement.dataset.theme = theme;
  keep('theme', theme);
}

/** What was chosen at the last visit. */
export function restore_display() {
  show_theme(setting('theme', 'dark'));
  drawing.with_angles = setting('angles', 'true') === 'true';
  press('angles', drawing.with_angles);
  stage.classList.add('with-outlines');
}

function drag(down) {
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
    for (const name of ['pointerup', 'pointercancel']) stage.removeEventListener(name, end);
    stage.removeEventListener('pointermove', step);
  };
  stage.addEventListener('pointermove', step);
  for (const name of ['pointerup', 'pointercancel']) stage.addEventListener(name, end);
}

/** Pan by dragging, zoom by the wheel, window and level by the right button. */
export function listen_to_pointer() {
  stage.addEventListener('wheel', (event) => {
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    view.zoom_at([event.clientX - box.left, event.clientY - box.top], view.zoom * 1.0015 ** -event.deltaY);
    repaint();
  }, {passive: false});
  stage.addEventListener('contextmenu', (event) => event.preventDefault());
  stage.addEventListener('pointerdown', (down) => {
    if (!down.target.closest('.over-film')) drag(down);
  });
  new ResizeObserver(repaint).observe(stage);
}
