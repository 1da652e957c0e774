// Landmarks ("spine-landmarks/2") as the page handles them: pure functions.

export const LEVELS = ['L1', 'L2', 'L3', 'L4', 'L5'];
const CORNERS = ['sup_post', 'sup_ant', 'inf_post', 'inf_ant'];

/** Coordinates are stored to a thousandth of a pixel. */
export const rounded = (point) => point.map((v) => Math.round(v * 1000) / 1000);

export const clone = (value) => JSON.parse(JSON.stringify(value));

export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The endplates that are there: {name, whole, post, ant}; the last two name points. */
export function endplates(landmarks) {
  const result = [];
  for (const level of LEVELS) {
    if (!landmarks.vertebrae[level]) continue;
    for (const end of ['sup', 'inf']) {
      result.push({name: `${level}.${end}`, whole: `vertebrae.${level}`,
                   post: `vertebrae.${level}.${end}_post`, ant: `vertebrae.${level}.${end}_ant`});
    }
  }
  if (landmarks.S1) result.push({name: 'S1.sup', whole: 'S1', post: 'S1.sup_post', ant: 'S1.sup_ant'});
  return result;
}

/** The value at "vertebrae.L1.sup_post"; null where there is none. */
export function value_at(landmarks, at) {
  return at.split('.').reduce((value, key) => value?.[key] ?? null, landmarks);
}

export function set_at(landmarks, at, value) {
  const keys = at.split('.');
  const last = keys.pop();
  keys.reduce((owner, key) => owner[key], landmarks)[last] = value;
}

/** The parts in which two sets of landmarks differ, as the server takes them. */
export function difference(from, to) {
  const changes = [];
  const compare = (at) => {
    const a = value_at(from, at), b = value_at(to, at);
    if (!same(a, b)) changes.push({at, from: a, to: b});
  };
  const whole = (at, points) => {
    const both = value_at(from, at) && value_at(to, at);
    if (both) points.forEach((point) => compare(`${at}.${point}`));
    else compare(at);
  };
  LEVELS.forEach((level) => whole(`vertebrae.${level}`, CORNERS));
  whole('S1', ['sup_post', 'sup_ant']);
  compare('femoral_heads');
  compare('anterior');
  return changes;
}

/** The changes between two sets of landmarks, made to others in which other parts may differ. */
export function rebased(before, after, now) {
  const changes = new Map();
  for (const {at} of difference(before, after)) {
    const whole = at.split('.').slice(0, at.startsWith('vertebrae') ? 2 : 1).join('.');
    // A corner of a body that is gone by now brings the body back.
    const part = value_at(now, whole) ? at : whole;
    const change = {at: part, from: value_at(now, part), to: value_at(after, part)};
    if (!same(change.from, change.to)) changes.set(part, change);
  }
  return [...changes.values()];
}

/** Moves every point of a part. */
export function move(landmarks, at, dx, dy) {
  const value = value_at(landmarks, at);
  const moved = (point) => rounded([point[0] + dx, point[1] + dy]);
  if (Array.isArray(value)) set_at(landmarks, at, moved(value));
  else for (const key of Object.keys(value)) value[key] = moved(value[key]);
}

/** All labels one level up (-1) or down (+1). What moves below L5 becomes S1: its upper endplate. */
export function shifted(landmarks, by) {
  const result = clone(landmarks);
  if (by > 0) {
    const last = landmarks.vertebrae.L5;
    if (last) result.S1 = {sup_post: last.sup_post, sup_ant: last.sup_ant};
  } else {
    result.S1 = null;
  }
  LEVELS.forEach((level, i) => {
    result.vertebrae[level] = clone(landmarks.vertebrae[LEVELS[i - by]] ?? null);
  });
  return result;
}

const middle = (...points) => [0, 1].map((k) => points.reduce((s, p) => s + p[k], 0) / points.length);
export const body_middle = (body) => middle(...CORNERS.map((c) => body[c]));

/** A body, endplate or head where none was found, extrapolated from its neighbours. */
export function proposal(landmarks, what) {
  const [width, height] = landmarks.size;
  const front = landmarks.anterior === 'left' ? -1 : 1;
  if (what === 'F') {
    const s1 = landmarks.S1;
    const at = s1 ? [s1.sup_ant[0], s1.sup_ant[1] + height * 0.2] : [width / 2, height * 0.8];
    const [other] = landmarks.femoral_heads;  // where the first one was placed, the second is beside it
    if (other) return {center: rounded([other.center[0] + front * other.radius / 2, other.center[1] + other.radius / 2]), radius: other.radius};
    return {center: rounded(at), radius: Math.round(width * 0.05)};
  }
  const known = LEVELS.filter((level) => landmarks.vertebrae[level]);
  const i = what === 'S1' ? LEVELS.length : LEVELS.indexOf(what);
  const nearest = known.sort((a, b) => Math.abs(LEVELS.indexOf(a) - i) - Math.abs(LEVELS.indexOf(b) - i))[0];
  let body;
  if (nearest) {
    body = clone(landmarks.vertebrae[nearest]);
    const along = [0, 1].map((k) => 1.3 * (middle(body.inf_post, body.inf_ant)[k] - middle(body.sup_post, body.sup_ant)[k]));
    const steps = i - LEVELS.indexOf(nearest);
    for (const corner of CORNERS) body[corner] = rounded([body[corner][0] + steps * along[0], body[corner][1] + steps * along[1]]);
  } else {
    const x = width / 2, y = height * (0.2 + 0.1 * i), half = width * 0.06, tall = height * 0.03;
    body = {sup_post: [x - front * half, y - tall], sup_ant: [x + front * half, y - tall],
            inf_post: [x - front * half, y + tall], inf_ant: [x + front * half, y + tall]};
  }
  return what === 'S1' ? {sup_post: body.sup_post, sup_ant: body.sup_ant} : body;
}
