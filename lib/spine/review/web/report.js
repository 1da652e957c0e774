// The table of a report: sorted by a click or by Enter on a column's title, filtered by words.
'use strict';
(() => {
  const table = document.getElementById('table');
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const input = document.getElementById('filter');
  const rows = [...body.rows];
  const words = rows.map((row) => row.textContent.toLowerCase());
  document.documentElement.classList.add('scripted');
  heads[0].setAttribute('aria-sort', 'ascending');

  const by_text = new Intl.Collator(undefined, {numeric: true}).compare;

  function keys_of(column, is_number) {
    const keys = new Map();
    for (const row of rows) {
      const text = row.cells[column].textContent;
      keys.set(row, is_number ? parseFloat(text) : text);
    }
    return keys;
  }

  // Cells without a value come last in both directions.
  function sort_by(column) {
    const head = heads[column];
    const down = head.getAttribute('aria-sort') === 'ascending';
    const is_number = 'number' in head.dataset;
    const keys = keys_of(column, is_number);
    const is_empty = (key) => (is_number ? Number.isNaN(key) : key === '');
    const sign = down ? -1 : 1;
    rows.sort((a, b) => {
      const x = keys.get(a), y = keys.get(b);
      if (is_empty(x) || is_empty(y)) return is_empty(x) - is_empty(y);
      return sign * (is_number ? x - y : by_text(x, y));
    });
    for (const other of heads) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    body.append(...rows);
  }

  const text_of = new Map(rows.map((row, i) => [row, words[i]]));

  function filter() {
    const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      row.hidden = !wanted.every((word) => text_of.get(row).includes(word));
      count += !row.hidden;
    }
    document.getElementById('matches').textContent = `${count} / ${rows.length}`;
  }

  heads.forEach((head, column) => head.firstChild.addEventListener('click', () => sort_by(column)));
  input.addEventListener('input', filter);

  // A link to a row that the filter hides shows it.
  function reveal() {
    const row = document.getElementById(location.hash.slice(1));
    if (!row || !row.hidden) return;
    input.value = '';
    filter();
    row.scrollIntoView();
  }
  window.addEventListener('hashchange', reveal);
  if (input.value) filter();
})();
