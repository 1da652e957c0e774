// The film: pixels with window and level, zoom, pan, mirrored display.

/** From pixels of the film (centre of the first: 0, 0) to CSS pixels of the stage, and back. */
export class View {
  width = 1;
  height = 1;
  aspect = 1;  // height over width of a pixel
  zoom = 1;    // CSS pixels to a pixel's width
  x = 0;       // of the film's left edge, CSS pixels
  y = 0;
  mirrored = false;

  to_screen([px, py]) {
    const column = this.mirrored ? this.width - 1 - px : px;
    return [this.x + (column + 0.5) * this.zoom, this.y + (py + 0.5) * this.zoom * this.aspect];
  }

  to_film([sx, sy]) {
    const column = (sx - this.x) / this.zoom - 0.5;
    return [this.mirrored ? this.width - 1 - column : column, (sy - this.y) / (this.zoom * this.aspect) - 0.5];
  }

  /** Changes the zoom so that the point under the pointer stays. */
  zoom_at([sx, sy], zoom) {
    const limited = Math.min(Math.max(zoom, 0.02), 40);
    const factor = limited / this.zoom;
    this.x = sx - (sx - this.x) * factor;
    this.y = sy - (sy - this.y) * factor;
    this.zoom = limited;
  }

  fit(stage_width, stage_height) {
    this.zoom = Math.min(stage_width / this.width, stage_height / (this.height * this.aspect));
    this.center(stage_width, stage_height);
  }

  center(stage_width, stage_height) {
    this.x = (stage_width - this.width * this.zoom) / 2;
    this.y = (stage_height - this.height * this.zoom * this.aspect) / 2;
  }

  /** Shows a point of the film in the middle. */
  show(point, stage_width, stage_height) {
    const [sx, sy] = this.to_screen(point);
    this.x += stage_width / 2 - sx;
    this.y += stage_height / 2 - sy;
  }
}

/** The grey values between which `share` of the pixels lie. */
export function grey_range(film, share) {
  const counts = new Uint32Array(film.max + 1);
  const step = Math.max(1, Math.floor(film.pixels.length / 200000));
  let total = 0;
  for (let i = 0; i < film.pixels.length; i += step, ++total) ++counts[film.pixels[i]];
  const skip = total * (1 - share) / 2;
  let low = 0, high = film.max;
  for (let sum = 0; low < film.max && (sum += counts[low]) <= skip;) ++low;
  for (let sum = 0; high > low && (sum += counts[high]) <= skip;) --high;
  return [low, Math.max(high, low + 1)];
}

/** A film drawn on a canvas. */
export class FilmCanvas {
  film = null;
  preview = null;  // an image, until the pixels are there
  low = 0;
  high = 255;
  inverted = false;
  #picture = document.createElement('canvas');

  constructor(canvas, view) {
    this.canvas = canvas;
    this.view = view;
  }

  set_window(low, high) {
    this.low = low;
    this.high = Math.max(high, low + 1);
    this.develop();
  }

  /** Makes the 8-bit picture of the film. */
  develop() {
    if (!this.film) return;
    const {width, height, max, pixels} = this.film;
    const table = new Uint8ClampedArray(max + 1);
    for (let grey = 0; grey <= max; ++grey) {
      const value = 255 * (grey - this.low) / (this.high - this.low);
      table[grey] = this.inverted ? 255 - Math.min(Math.max(value, 0), 255) : value;
    }
    const image = new ImageData(width, height);
    const target = new Uint32Array(image.data.buffer);
    for (let i = 0; i < pixels.length; ++i) target[i] = 0xff000000 | (table[pixels[i]] * 0x010101);
    this.#picture.width = width;
    this.#picture.height = height;
    this.#picture.getContext('2d').putImageData(image, 0, 0);
    this.draw();
  }

  get source() {
    return this.film ? this.#picture : this.preview;
  }

  draw() {
    const {canvas, view, source} = this;
    const ratio = window.devicePixelRatio;
    const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = canvas.getContext('2d');
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    if (!source) return;
    this.#place(context, view.x, view.y, view.zoom, ratio);
    context.drawImage(source, 0, 0, view.width, view.height);
  }

  #place(context, x, y, zoom, ratio) {
    const {view} = this;
    const sx = zoom * ratio, sy = sx * view.aspect;
    context.imageSmoothingEnabled = zoom < 3;
    context.setTransform(view.mirrored ? -sx : sx, 0, 0, sy,
                         (view.mirrored ? x + view.width * zoom : x) * ratio, y * ratio);
  }

  /** The film without drawings around a point, four times as large as on the stage. */
  draw_loupe(loupe, point) {
    const context = loupe.getContext('2d');
    const zoom = this.view.zoom * 4;
    const [sx, sy] = this.view.to_screen(point);
    const half = loupe.width / 2;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, loupe.width, loupe.height);
    if (!this.source) return;
    this.#place(context, half - (sx - this.view.x) * 4, half - (sy - this.view.y) * 4, zoom, 1);
    context.drawImage(this.source, 0, 0, this.view.width, this.view.height);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.strokeStyle = '#fff';
    context.globalAlpha = 0.7;
    context.beginPath();
    context.moveTo(half, half - 10);
    context.lineTo(half, half + 10);
    context.moveTo(half - 10, half);
    context.lineTo(half + 10, half);
    context.stroke();
    context.globalAlpha = 1;
  }
}
