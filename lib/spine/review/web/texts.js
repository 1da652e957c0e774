// The words of the page, in the language of the browser.
import {get} from '/api.js';

const LANGUAGES = ['en', 'ko'];
let words = {};

export const text = (key) => words[key] ?? key;

/** What a word means, for tooltips; undefined if it needs no explanation. */
export const about = (key) => words[`about_${key}`];

/** A text with values in the places {name}. */
export function filled(key, values) {
  return text(key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/** A reason for review in words: "uncertain_PI" is "PI uncertain". */
export function reason_text(flag) {
  const [, kind, what] = flag.match(/^([a-z]+)_([A-Z]+\d?)$/) ?? [];
  return words[flag] ?? (words[`flag_${kind}`] ? filled(`flag_${kind}`, {what}) : flag);
}

function element(tag, content) {
  const node = document.createElement(tag);
  node.textContent = content;
  return node;
}

function write_help(node) {
  node.replaceChildren(...words.how_to.map(([title, ...lines]) => {
    const section = document.createElement('section');
    section.append(element('h3', title), ...lines.map((line) => element('p', line)));
    return section;
  }));
}

/** Puts the words of a language into the page. */
export async function load_texts() {
  const wanted = (navigator.languages ?? ['en']).map((l) => l.slice(0, 2)).find((l) => LANGUAGES.includes(l));
  const language = wanted ?? 'en';
  words = await get(`/${language}.json`);
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll('[data-text]')) {
    node.textContent = text(node.dataset.text);
    const key = node.dataset.key;
    node.title = [about(node.dataset.text), key && `(${key})`].filter(Boolean).join(' ');
  }
  for (const node of document.querySelectorAll('[data-label]')) node.setAttribute('aria-label', text(node.dataset.label));
  for (const node of document.querySelectorAll('[data-title]')) node.title = about(node.dataset.title) ?? '';
  for (const node of document.querySelectorAll('[data-placeholder]')) node.placeholder = text(node.dataset.placeholder);
  write_help(document.getElementById('help-text'));
}
