// Requests to the server.

/** An answer with a status other than 2xx. */
export class Refused extends Error {
  constructor(status, body) {
    super(body.problem ?? `status ${status}`);
    this.status = status;
    this.body = body;
  }
}

async function answer_of(response) {
  const text = await response.text();
  let body = {};
  try {
    body = JSON.parse(text);
  } catch {
    body = {problem: text.trim()};
  }
  if (!response.ok) throw new Refused(response.status, body);
  return body;
}

export async function get(path) {
  return answer_of(await fetch(path));
}

/** @param revision  of the study, for changes; undefined for questions */
export async function post(path, body, revision) {
  const headers = {'Content-Type': 'application/json', 'X-Spine-Review': '1'};
  if (revision !== undefined) headers['If-Match'] = `"${revision}"`;
  return answer_of(await fetch(path, {method: 'POST', headers, body: JSON.stringify(body)}));
}

/** Sends a file as it is, without its name. */
export async function upload(path, file) {
  const headers = {'Content-Type': 'application/octet-stream', 'X-Spine-Review': '1'};
  return answer_of(await fetch(path, {method: 'POST', headers, body: file}));
}

/** A picture as an address for <img>, to be released with URL.revokeObjectURL(). */
export async function picture(path, signal) {
  const response = await fetch(path, {signal});
  if (!response.ok) await answer_of(response);
  return URL.createObjectURL(await response.blob());
}

/** The pixels of a film: {width, height, max, pixels}. @param kind  "plain" or "clahe" */
export async function film(position, kind = 'plain') {
  const response = await fetch(`/api/studies/${position}/film?view=${kind}`);
  if (!response.ok) await answer_of(response);
  const bits = Number(response.headers.get('X-Film-Bits'));
  const bytes = await response.arrayBuffer();
  return {
    width: Number(response.headers.get('X-Film-Width')),
    height: Number(response.headers.get('X-Film-Height')),
    max: bits === 8 ? 255 : 65535,
    pixels: bits === 8 ? new Uint8Array(bytes) : new Uint16Array(bytes),
  };
}

/** A picture of a film that is there before its pixels. */
export async function preview(position) {
  const picture = new Image();
  picture.src = `/api/studies/${position}/preview`;
  await picture.decode();
  return picture;
}
