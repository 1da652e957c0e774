// The table of values: now, the machine's where it differs, standard error.
import {text} from '/texts.js';

const GROUPS = [
  ['pelvis', ['PI', 'PT', 'SS']],
  ['lordosis', ['LL', 'PI_LL', 'L4_S1', 'LDI', 'L1PA']],
  ['segments', ['segmental_L1_L2', 'segmental_L2_L3', 'segmental_L3_L4', 'segmental_L4_L5', 'segmental_L5_S1']],
  ['heights', ['disc_height_L1_L2_mean', 'disc_height_L2_L3_mean', 'disc_height_L3_L4_mean', 'disc_height_L4_L5_mean', 'disc_height_L5_S1_mean']],
  ['slips', ['slip_L1_L2', 'slip_L2_L3', 'slip_L3_L4', 'slip_L4_L5', 'slip_L5_S1']],
];

const UNITS = {deg: '°', mm: ' mm', px: ' px', '%': ' %'};

function shown(m) {
  if (!m || m.value === null) return '–';
  return `${m.value.toFixed(1).replace(/^-0\.0$/, '0.0')}${UNITS[m.unit] ?? ''}`;
}

export class Values {
  #cells = new Map();  // name -> {row, value, machine, error}

  constructor(table) {
    this.table = table;
  }

  build() {
    const body = this.table.tBodies[0];
    body.replaceChildren();
    this.#cells.clear();
    for (const [group, names] of GROUPS) {
      const head = body.insertRow();
      const title = document.createElement('th');
      title.colSpan = 4;
      title.scope = 'rowgroup';
      title.textContent = text(group);
      head.append(title);
      for (const name of names) {
        const row = body.insertRow();
        row.dataset.name = name;
        row.title = text(`about_${name.replace(/_L\d_[LS]\d/, '')}`);
        const label = document.createElement('th');
        label.scope = 'row';
        label.textContent = this.#name(name);
        row.append(label);
        this.#cells.set(name, {row, value: row.insertCell(), error: row.insertCell(), machine: row.insertCell()});
      }
    }
  }

  #name(name) {
    const levels = name.match(/(L\d)_([LS]\d)/);
    return levels && name !== 'L4_S1' ? `${levels[1]}–${levels[2]}` : name.replace('PI_LL', 'PI − LL').replace('L4_S1', 'L4–S1');
  }

  /** @param machine  the machine's values; undefined in a blind reading */
  show(values, machine) {
    for (const [name, {row, value, error, machine: other}] of this.#cells) {
      const now = values?.measurements[name], before = machine?.measurements[name];
      value.textContent = shown(now);
      value.title = now && now.value === null ? now.status : '';
      error.textContent = now?.standard_error ? `± ${now.standard_error.toFixed(1)}` : '';
      const changed = before && shown(before) !== shown(now);
      row.classList.toggle('changed', Boolean(changed));
      other.textContent = changed ? shown(before) : '';
    }
  }
}
