// The outlines of the masks: made once in film pixels, moved with the view.
import {element, path_through, set} from '/svg.js';

const STRUCTURES = ['L1', 'L2', 'L3', 'L4', 'L5', 'S', 'F1', 'F2'];

export class OutlineLayer {
  hidden = new Set();  // structures

  constructor(parent, view) {
    this.node = element('g', {class: 'outlines'}, parent);
    this.view = view;
  }

  /** @param outlines  {"L1": [[x, y, x, y, ...], ...], ...}, film pixels */
  show(outlines) {
    const there = STRUCTURES.filter((structure) => outlines[structure]?.length);
    this.node.replaceChildren(...there.map((structure) => {
      const d = outlines[structure].map((points) => {
        const pairs = Array.from({length: points.length / 2}, (_, k) => [points[2 * k], points[2 * k + 1]]);
        return `${path_through(pairs)}Z`;
      }).join('');
      return element('path', {d, 'data-structure': structure, 'vector-effect': 'non-scaling-stroke'});
    }));
    this.#switch();
    this.place();
  }

  /** The structures that have an outline. */
  get structures() {
    return [...this.node.children].map((node) => node.dataset.structure);
  }

  /** Hides or shows the outline of one structure. */
  toggle(structure) {
    if (!this.hidden.delete(structure)) this.hidden.add(structure);
    this.#switch();
  }

  #switch() {
    for (const node of this.node.children) node.classList.toggle('off', this.hidden.has(node.dataset.structure));
  }

  place() {
    const {view} = this;
    const [x, y] = view.to_screen([0, 0]);
    const sx = view.mirrored ? -view.zoom : view.zoom;
    set(this.node, {transform: `matrix(${sx} 0 0 ${view.zoom * view.aspect} ${x} ${y})`});
  }
}
