// Small helpers for SVG.
const SVG = 'http://www.w3.org/2000/svg';

/** Sets attributes of a node. */
export function set(node, attributes) {
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
}

export function element(name, attributes, parent) {
  const result = document.createElementNS(SVG, name);
  set(result, attributes);
  parent?.append(result);
  return result;
}

/** A line from a to b, CSS pixels. */
export function set_line(node, a, b) {
  set(node, {x1: a[0], y1: a[1], x2: b[0], y2: b[1]});
}

export const path_through = (points) => points.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
