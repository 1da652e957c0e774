// The lines and arcs by which PI, PT, SS and LL are defined, as the toolkit's overlay draws them
// (lib/spine/render/angle_constructions.cpp). For display alone: the values come from the server.

const plus = (a, b, factor = 1) => [a[0] + factor * b[0], a[1] + factor * b[1]];
const minus = (a, b) => plus(a, b, -1);
const times = (a, factor) => [a[0] * factor, a[1] * factor];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1];
const cross = (a, b) => a[0] * b[1] - a[1] * b[0];
const length = (a) => Math.hypot(a[0], a[1]);
const middle = (a, b) => times(plus(a, b), 0.5);
const unit = (a) => times(a, 1 / Math.max(1e-9, length(a)));

const ARC_STEPS = 24;

/** Where two rays {from, along} meet; null if they are parallel. */
function crossing(a, b) {
  const turn = cross(a.along, b.along);
  if (Math.abs(turn) < 1e-6) return null;
  return plus(a.from, a.along, cross(minus(b.from, a.from), b.along) / turn);
}

/** Collects the parts of a construction in film pixels. */
class Sheet {
  lines = [];   // {angle, from, to, solid}
  arcs = [];    // {angle, points}
  labels = [];  // {angle, at, vertex}: the label goes beyond `at`, away from the vertex
  dots = [];    // {angle, at}

  constructor(to_film) {
    this.to_film = to_film;
  }

  line(angle, from, to, solid = false) {
    this.lines.push({angle, from: this.to_film(from), to: this.to_film(to), solid});
  }

  dot(angle, at) {
    this.dots.push({angle, at: this.to_film(at)});
  }

  /** The shorter arc between two directions, with its label beyond the middle. */
  arc(angle, vertex, from, to, radius) {
    const start = Math.atan2(from[1], from[0]);
    const sweep = Math.atan2(cross(from, to), dot(from, to));
    const at = (share) => {
      const turn = start + sweep * share;
      return this.to_film(plus(vertex, [Math.cos(turn), Math.sin(turn)], radius));
    };
    this.arcs.push({angle, points: Array.from({length: ARC_STEPS + 1}, (_, i) => at(i / ARC_STEPS))});
    this.labels.push({angle, at: at(0.5), vertex: this.to_film(vertex)});
  }
}

function draw_sacral_slope(sheet, {post, ant, size}) {
  const back = unit(minus(post, ant));
  sheet.line('SS', post, plus(post, back, size * 1.25));
  sheet.line('SS', post, plus(post, [-1, 0], size * 1.25));
  sheet.arc('SS', post, [-1, 0], back, size * 0.95);
}

function draw_pelvis(sheet, {post, ant, size}, hip) {
  const center = middle(post, ant);
  const along = unit(minus(ant, post));
  const normal = [along[1], -along[0]];  // caudal, since x is anterior and y up
  const to_hip = minus(hip, center);
  const distance = length(to_hip);
  if (!(distance > 0)) return;
  const reach = Math.min(distance * 0.75, size * 1.6);
  sheet.line('PI', center, plus(center, normal, reach));
  sheet.line('PI', center, hip, true);
  sheet.arc('PI', center, normal, to_hip, reach * 0.7);
  sheet.line('PT', hip, plus(hip, [0, 1], distance));
  sheet.arc('PT', hip, [0, 1], times(to_hip, -1), distance * 0.55);
  sheet.dot('PI', center);
}

/** The endplates of L1 and S1 extended backwards, where they meet in a lordotic spine. */
function draw_lordosis(sheet, s1, l1) {
  const back = unit(minus(l1.post, l1.ant)), s1_back = unit(minus(s1.post, s1.ant));
  const meeting = crossing({from: l1.post, along: back}, {from: s1.post, along: s1_back});
  const from_l1 = meeting ? dot(minus(meeting, l1.post), back) : -1;
  const from_s1 = meeting ? dot(minus(meeting, s1.post), s1_back) : -1;
  const longest = s1.size * 2.6;
  if (from_l1 > 0 && from_s1 > 0 && from_l1 < longest && from_s1 < longest) {
    sheet.line('LL', l1.post, meeting);
    sheet.line('LL', s1.post, meeting);
    sheet.arc('LL', meeting, times(back, -1), times(s1_back, -1), Math.min(from_l1, from_s1) * 0.5);
    return;
  }
  // They meet far away or in front: a bracket between their ends marks the angle.
  const reach = s1.size * 1.25;
  const halfway = plus(middle(l1.post, s1.post), [-1.45 * s1.size, 0]);
  const top = plus(l1.post, back, reach * 0.9), bottom = plus(s1.post, s1_back, reach * 0.9);
  const gap = 0.14 * length(minus(top, bottom));
  sheet.line('LL', l1.post, plus(l1.post, back, reach));
  sheet.line('LL', plus(halfway, unit(minus(top, halfway)), gap), top);
  sheet.line('LL', plus(halfway, unit(minus(bottom, halfway)), gap), bottom);
  sheet.labels.push({angle: 'LL', at: sheet.to_film(halfway), vertex: null});
}

/**
 * @param landmarks  "spine-landmarks/2"
 * @param aspect     height over width of a pixel: directions are those in mm
 * @returns {lines, arcs, labels, dots}, in film pixels
 */
export function constructions(landmarks, aspect) {
  const front = landmarks.anterior === 'left' ? -1 : 1;
  const sheet = new Sheet(([x, y]) => [front * x, -y / aspect]);
  const anatomical = ([x, y]) => [front * x, -y * aspect];  // x anterior, y up, in pixel widths
  const plate = (part) => {
    if (!part) return null;
    const post = anatomical(part.sup_post), ant = anatomical(part.sup_ant);
    const size = length(minus(ant, post));
    return size > 0 ? {post, ant, size} : null;
  };
  const heads = landmarks.femoral_heads.map((head) => anatomical(head.center));
  const hip = heads.length ? times(heads.reduce((a, b) => plus(a, b)), 1 / heads.length) : null;
  const s1 = plate(landmarks.S1), l1 = plate(landmarks.vertebrae.L1);
  if (s1) draw_sacral_slope(sheet, s1);
  if (s1 && hip) draw_pelvis(sheet, s1, hip);
  if (s1 && l1) draw_lordosis(sheet, s1, l1);
  if (heads.length === 2) sheet.line('PT', heads[0], heads[1], true);
  if (hip) sheet.dot('PT', hip);
  return sheet;
}
