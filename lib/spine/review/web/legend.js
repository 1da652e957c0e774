// The colours of the masks: each outline is switched by itself, all are faded by a slider.
import {drawing} from '/parts.js';
import {keep, setting} from '/settings.js';
import {about, text} from '/texts.js';

const shown_name = (structure) => (structure === 'S' ? 'S1' : structure);

export class Legend {
  constructor(node) {
    this.node = node;
    this.switches = node.querySelector('#legend-switches');
    this.slider = node.querySelector('#opacity');
    this.slider.value = setting('opacity', '60');
    this.slider.addEventListener('input', () => {
      keep('opacity', this.slider.value);
      this.#fade();
    });
    this.#fade();
  }

  #fade() {
    drawing.svg.style.setProperty('--outline-opacity', this.slider.value / 100);
  }

  /** Offers a switch for each of these structures; none: the legend is not shown. */
  show(structures) {
    this.node.hidden = !structures.length;
    this.switches.replaceChildren(...structures.map((structure) => {
      const button = document.createElement('button');
      button.dataset.structure = structure;
      button.setAttribute('aria-pressed', !drawing.outlines.hidden.has(structure));
      button.title = `${about('legend')} ${shown_name(structure)}`;
      const swatch = document.createElement('span');
      swatch.className = 'swatch';
      const name = document.createElement('span');
      name.textContent = shown_name(structure);
      button.append(swatch, name);
      button.addEventListener('click', () => {
        drawing.outlines.toggle(structure);
        button.setAttribute('aria-pressed', !drawing.outlines.hidden.has(structure));
      });
      return button;
    }));
    this.slider.setAttribute('aria-label', text('opacity'));
  }
}
