// Draws the constructions of PI, PT, SS and LL with their values.
import {constructions} from '/constructions.js';
import {element, path_through, set, set_line} from '/svg.js';
import {about} from '/texts.js';

const LETTER = 7.4, HEIGHT = 14, GAP = 6;  // of labels, CSS pixels

function words_of(angle, measurements) {
  const value = measurements?.[angle]?.value;
  return `${angle} ${typeof value === 'number' ? `${value.toFixed(1)}°` : '–'}`;
}

/** Moves labels apart, up and down, where they would cover one another. */
function spread(labels) {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  sorted.forEach((label, i) => {
    for (const above of sorted.slice(0, i)) {
      const wide = (label.words.length + above.words.length) * LETTER / 2;
      if (Math.abs(label.x - above.x) < wide && label.y - above.y < HEIGHT + 3) label.y = above.y + HEIGHT + 3;
    }
  });
}

export class ConstructionLayer {
  constructor(parent, view) {
    this.node = element('g', {class: 'constructions'}, parent);
    this.view = view;
  }

  /** @param measurements  values by name, as the server measured them; undefined: not yet */
  place(landmarks, measurements) {
    const {view} = this;
    const at = (point) => view.to_screen(point);
    const {lines, arcs, labels, dots} = constructions(landmarks, view.aspect);
    const nodes = [];
    for (const {angle, from, to, solid} of lines) {
      for (const layer of ['rim', solid ? 'solid' : 'dashed']) {
        const node = element('line', {class: `${angle} ${layer}`});
        set_line(node, at(from), at(to));
        nodes.push(node);
      }
    }
    for (const {angle, points} of arcs) {
      const d = path_through(points.map(at));
      for (const layer of ['rim', 'solid']) nodes.push(element('path', {class: `${angle} ${layer}`, d}));
    }
    for (const {angle, at: center} of dots) {
      const [cx, cy] = at(center);
      nodes.push(element('circle', {class: `${angle} dot`, cx, cy, r: 4}));
    }
    const placed = labels.map((label) => this.#placed(label, words_of(label.angle, measurements)));
    spread(placed);
    this.node.replaceChildren(...nodes, ...placed.map((label) => this.#label(label)));
  }

  /** A label with its middle, CSS pixels. */
  #placed({angle, at, vertex}, words) {
    const place = this.view.to_screen(at);
    if (vertex) {
      const from = this.view.to_screen(vertex);
      const away = [place[0] - from[0], place[1] - from[1]];
      const size = Math.max(1e-9, Math.hypot(...away));
      const [dx, dy] = away.map((v) => v / size);
      const gap = GAP + Math.abs(dx) * words.length * LETTER / 2 + Math.abs(dy) * HEIGHT / 2;
      place[0] += dx * gap;
      place[1] += dy * gap;
    }
    return {angle, words, x: place[0], y: place[1]};
  }

  #label({angle, words, x, y}) {
    const node = element('text', {class: angle, 'data-angle': angle});
    set(node, {x, y: y + HEIGHT / 3});
    node.textContent = words;
    element('title', {}, node).textContent = about(angle) ?? angle;
    return node;
  }

  clear() {
    this.node.replaceChildren();
  }
}
