// A femoral head by three clicks on its rim, or on the dome of its acetabulum.
import {byId, drawing, press, session, stage, view} from '/parts.js';
import {edit} from '/edits.js';
import {rounded} from '/landmarks.js';
import {element, set, set_line} from '/svg.js';
import {filled, text} from '/texts.js';

const STILL = 4;  // CSS pixels that a click may move

/**
 * The circle through three points.
 * @param aspect  height over width of a pixel: a circle in mm, its radius in pixel widths
 * @returns {center, radius}; null if they lie on a line
 */
export function circle_through(points, aspect) {
  const [a, b, c] = points.map(([x, y]) => [x, y * aspect]);
  const [bx, by, cx, cy] = [b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1]];
  const area = 2 * (bx * cy - by * cx);
  const [bb, cc] = [bx * bx + by * by, cx * cx + cy * cy];
  if (Math.abs(area) < 1e-3 * Math.sqrt(bb * cc)) return null;
  const x = (cy * bb - by * cc) / area, y = (bx * cc - cx * bb) / area;
  return {center: [a[0] + x, (a[1] + y) / aspect], radius: Math.hypot(x, y)};
}

let points = null;   // film pixels; null: the tool is not in use
let target = 0;      // index of the head
let pointer = null;  // film pixels

const in_stage = (event) => {
  const box = stage.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};

/** The head that is placed: the selected one, else a missing one, else the nearest to the points. */
function choose_target() {
  const heads = session.landmarks.femoral_heads;
  const selected = drawing.selected?.match(/^femoral_heads\.(\d)$/);
  if (selected && heads[selected[1]]) return Number(selected[1]);
  return heads.length < 2 ? heads.length : -1;
}

function nearest_head({center}) {
  const distance = (head) => Math.hypot(head.center[0] - center[0], (head.center[1] - center[1]) * view.aspect);
  const [first, second] = session.landmarks.femoral_heads;
  return distance(first) <= distance(second) ? 0 : 1;
}

function show_hint() {
  const name = target < 0 ? text('nearest_head') : `${text('head')} ${target + 1}`;
  const key = byId('dome').checked ? 'circle_hint_dome' : 'circle_hint';
  byId('tool-text').textContent = filled(key, {head: name, number: points.length + 1});
}

function draw() {
  const {tool} = drawing;
  tool.replaceChildren();
  if (!points) return;
  const known = points.length === 2 && pointer ? [...points, pointer] : points;
  const circle = known.length === 3 ? circle_through(known, view.aspect) : null;
  if (circle) {
    const [cx, cy] = view.to_screen(circle.center);
    for (const name of ['rim', 'preview']) element('circle', {cx, cy, r: circle.radius * view.zoom, class: name}, tool);
    set_line(element('line', {class: 'preview'}, tool), [cx - 5, cy], [cx + 5, cy]);
    set_line(element('line', {class: 'preview'}, tool), [cx, cy - 5], [cx, cy + 5]);
  }
  for (const point of points) {
    const node = element('circle', {r: 4, class: 'point'}, tool);
    const [cx, cy] = view.to_screen(point);
    set(node, {cx, cy});
  }
}

export function cancel_circle() {
  if (!points) return false;
  points = null;
  byId('tool-hint').hidden = true;
  stage.classList.remove('placing');
  press('circle', false);
  draw();
  return true;
}

function finish() {
  const circle = circle_through(points, view.aspect);
  if (!circle) {
    points = [];
    show_hint();
    byId('tool-text').textContent += ` ${text('circle_line')}`;
    draw();
    return;
  }
  const index = target < 0 ? nearest_head(circle) : target;
  const how = byId('dome').checked ? 'dome' : 'three points';
  cancel_circle();
  edit((landmarks) => {
    landmarks.femoral_heads[Math.min(index, landmarks.femoral_heads.length)] = {center: rounded(circle.center), radius: Math.max(1, rounded([circle.radius])[0])};
  }, how);
}

function press_down(down) {
  if (!points || down.button !== 0 || down.target.closest('.over-film')) return;
  if (down.target.closest('.handle')) down.stopPropagation();  // the point lies on a handle
  const lift = (up) => {
    stage.removeEventListener('pointerup', lift);
    if (!points || Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY) > STILL) return;
    points.push(view.to_film(in_stage(down)));
    if (points.length === 3) finish();
    else show_hint();
    draw();
  };
  stage.addEventListener('pointerup', lift);
}

/** Starts the tool, or ends it without a change. */
export function toggle_circle() {
  if (cancel_circle() || !session.landmarks || drawing.read_only) return;
  points = [];
  pointer = null;
  target = choose_target();
  byId('dome').checked = false;
  byId('tool-hint').hidden = false;
  stage.classList.add('placing');
  stage.classList.remove('hidden');
  press('hide', false);
  press('circle', true);
  show_hint();
}

/** Whether the next point is on the rim or on the acetabular dome. */
export function toggle_dome() {
  if (!points) return false;
  byId('dome').checked = !byId('dome').checked;
  show_hint();
  return true;
}

export function listen_to_circle() {
  stage.addEventListener('pointerdown', press_down, {capture: true});
  stage.addEventListener('pointermove', (event) => {
    if (!points) return;
    pointer = view.to_film(in_stage(event));
    draw();
  });
  byId('dome').addEventListener('change', () => {
    if (points) show_hint();
  });
  byId('tool-cancel').addEventListener('click', cancel_circle);
  drawing.onview = draw;
}
