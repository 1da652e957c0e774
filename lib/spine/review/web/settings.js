// What one reader prefers, kept by the browser. Nothing about studies is ever kept there.

export function setting(name, otherwise) {
  return localStorage.getItem(name) ?? otherwise;
}

export function keep(name, value) {
  localStorage.setItem(name, value);
}
