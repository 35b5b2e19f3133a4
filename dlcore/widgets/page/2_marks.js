// The marks of a panel. Each function brings the content of a group `g` up to its mark; `at` turns
// the numbers of the mark into pixels. One path draws all points or lines of a mark.

const DASHES = { solid: "", dashed: "7 4", dotted: "2 4", dashdot: "8 3 2 3" };
const PALETTES = {
  bright: ["#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838"],
  signed: ["#7f3b08", "#c76a14", "#fbb369", "#f7f7f7", "#b9b3d6", "#6f549e", "#2d004b"],
  light: ["#000000", "#ffffff"],
  relief: ["#08254d", "#2f6aa8", "#808080", "#e69138", "#ffe0b0"],
};
const HIT = 14; // radius of what a finger can meet, in pixels
const round = (number) => Math.round(number * 10) / 10;

const SHAPES = {
  circle: (r) => `m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`,
  square: (r) => `m${-r} ${-r}h${2 * r}v${2 * r}h${-2 * r}z`,
  diamond: (r) => `m0 ${-r}l${r} ${r}l${-r} ${r}l${-r} ${-r}z`,
  cross: (r) => `m${-r} ${-r}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}`,
};

// All points in one path; `size` is the radius of all of them, or a list with that of each.
function spots(mark, at) {
  const shape = SHAPES[mark.shape];
  const radius = (i) => (Array.isArray(mark.size) ? round(mark.size[i]) : mark.size);
  return mark.x.map((x, i) =>
    `M${round(at.x(x))} ${round(at.y(mark.y[i]))}${shape(radius(i))}`).join("");
}

function way(xs, ys, at) {
  return xs.map((x, i) => `${i ? "L" : "M"}${round(at.x(x))} ${round(at.y(ys[i]))}`).join("");
}

function strokes(mark, at) {
  return mark.x.map((x, i) => `M${round(at.x(x))} ${round(at.y(mark.y[i]))}` +
    `L${round(at.x(mark.x2[i]))} ${round(at.y(mark.y2[i]))}`).join("");
}

function pen(mark) {
  return { class: `dlcore-stroke dlcore-${mark.colour}`, "stroke-width": mark.width,
    "stroke-dasharray": DASHES[mark.dashes ?? "solid"] };
}

function label(g, at, x, y, text, anchor = "middle") {
  const made = keep(g, at, "text", { x: round(x), y: round(y), "text-anchor": anchor,
    class: "dlcore-word" });
  if (made.textContent !== text) made.textContent = text;
}

// A colour between the stops of a palette, for a share from 0 to 1, as red, green, blue.
function tint(stops, share) {
  const place = within(share, 0, 1) * (stops.length - 1);
  const low = Math.min(Math.floor(place), stops.length - 2);
  const part = (stop, i) => parseInt(stop.slice(1 + 2 * i, 3 + 2 * i), 16);
  return [0, 1, 2].map((i) => part(stops[low], i) +
    (place - low) * (part(stops[low + 1], i) - part(stops[low], i)));
}

function colours(mark, below) {
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [mark.columns, mark.rows];
  const context = sheet.getContext("2d");
  const pixels = context.createImageData(mark.columns, mark.rows);
  mark.values.forEach((value, i) => {
    const row = Math.floor(i / mark.columns);
    const to = 4 * ((below ? mark.rows - 1 - row : row) * mark.columns + (i % mark.columns));
    const share = (value - mark.low) / (mark.high - mark.low || 1);
    pixels.data.set([...tint(PALETTES[mark.palette], share), 255], to);
  });
  context.putImageData(pixels, 0, 0);
  return sheet.toDataURL();
}

// The same of many cells: a tone of 256 for each, looked up in a table.
function toned(mark, below) {
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [mark.columns, mark.rows];
  const context = sheet.getContext("2d");
  const pixels = context.createImageData(mark.columns, mark.rows);
  const table = Array.from({ length: 256 }, (_, i) => tint(PALETTES[mark.palette], i / 255));
  const tones = atob(mark.tones);
  for (let i = 0, to = 0; i < tones.length; i += 1, to += 4) {
    const row = Math.floor(i / mark.columns);
    const from = below ? i + (mark.rows - 1 - 2 * row) * mark.columns : i;
    const [red, green, blue] = table[tones.charCodeAt(from)];
    pixels.data[to] = red;
    pixels.data[to + 1] = green;
    pixels.data[to + 2] = blue;
    pixels.data[to + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  return sheet.toDataURL();
}

// The pixels of a picture: a byte each for red, green and blue, as they are.
function pixels(mark, below) {
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [mark.columns, mark.rows];
  const context = sheet.getContext("2d");
  const data = context.createImageData(mark.columns, mark.rows);
  const bytes = atob(mark.colours);
  for (let i = 0; i < mark.rows * mark.columns; i += 1) {
    const row = Math.floor(i / mark.columns);
    const from = below ? i + (mark.rows - 1 - 2 * row) * mark.columns : i;
    for (let k = 0; k < 3; k += 1) data.data[4 * i + k] = bytes.charCodeAt(3 * from + k);
    data.data[4 * i + 3] = 255;
  }
  context.putImageData(data, 0, 0);
  return sheet.toDataURL();
}

// A minus in each cell below nought, so that the sign is not told by colour alone: white where the
// colour is dark, black where it is pale.
function minuses(g, mark, at) {
  const [dx, dy] = [(mark.across[1] - mark.across[0]) / mark.columns,
    (mark.up[1] - mark.up[0]) / mark.rows];
  const half = Math.min(4, 0.3 * Math.abs(at.x(dx) - at.x(0)));
  const ways = ["", ""];
  mark.values.forEach((value, i) => {
    if (value >= 0) return;
    const x = at.x(mark.across[0] + ((i % mark.columns) + 0.5) * dx);
    const y = at.y(mark.up[0] + (Math.floor(i / mark.columns) + 0.5) * dy);
    ways[value < 0.6 * mark.low ? 1 : 0] += `M${round(x - half)} ${round(y)}h${round(2 * half)}`;
  });
  const wide = within(0.25 * Math.abs(at.y(dy) - at.y(0)), 0.7, 1.6);
  ways.forEach((d, i) => keep(g, 1 + i, "path", { d, fill: "none", "stroke-width": wide,
    stroke: i ? "#fff" : "#222" }));
}

// Ink on paper, in the colours of the page's theme: one path for each of the tones there are.
function inked(g, mark, at) {
  const tones = new Map();
  const [width, height] = [(mark.across[1] - mark.across[0]) / mark.columns,
    (mark.up[1] - mark.up[0]) / mark.rows];
  mark.values.forEach((value, i) => {
    if (value <= mark.low) return;
    const x = at.x(mark.across[0] + (i % mark.columns) * width);
    const y = at.y(mark.up[0] + Math.floor(i / mark.columns) * height);
    const x2 = at.x(mark.across[0] + ((i % mark.columns) + 1) * width);
    const y2 = at.y(mark.up[0] + (Math.floor(i / mark.columns) + 1) * height);
    const box = `M${round(x)} ${round(y)}H${round(x2)}V${round(y2)}H${round(x)}Z`;
    tones.set(value, (tones.get(value) ?? "") + box);
  });
  let place = 0;
  for (const [value, d] of tones) {
    keep(g, place++, "path", { d, class: "dlcore-fill dlcore-ink",
      "fill-opacity": (value - mark.low) / (mark.high - mark.low) });
  }
  keepOnly(g, place);
}

const MARKS = {
  line: (g, mark, at) => keep(g, 0, "path", { d: way(mark.x, mark.y, at), ...pen(mark) }),
  segments: (g, mark, at) => keep(g, 0, "path", { d: strokes(mark, at), ...pen(mark) }),
  arrow: (g, mark, at) => {
    const [x, x2] = [mark.x[0], mark.x2[0]].map(at.x);
    const [y, y2] = [mark.y[0], mark.y2[0]].map(at.y);
    const long = Math.hypot(x2 - x, y2 - y);
    const size = Math.min(9, 0.6 * long) / (long || 1); // of its tip, as a share of the whole
    const [back, side] = [[size * (x - x2), size * (y - y2)], [size * (y2 - y), size * (x - x2)]];
    const tip = [-0.5, 0.5].map((by) => `M${round(x2)} ${round(y2)}` +
      `L${round(x2 + back[0] + by * side[0])} ${round(y2 + back[1] + by * side[1])}`).join("");
    keep(g, 0, "path", { d: `M${round(x)} ${round(y)}L${round(x2)} ${round(y2)}${tip}`,
      ...pen(mark) });
  },
  points: (g, mark, at) => {
    const look = mark.hollow || mark.shape === "cross" ? "hollow" : "fill";
    keep(g, 0, "path", { d: spots(mark, at), class: `dlcore-${look} dlcore-${mark.colour}` });
  },
  levels: (g, mark, at) => {
    const d = mark.lines.map(([xs, ys]) => way(xs, ys, at)).join("");
    keep(g, 0, "path", { d, ...pen(mark) });
    const seen = mark.written.filter(([, x, y]) => at.holds(x, y));
    seen.forEach(([text, x, y], i) => label(g, 1 + i, at.x(x), at.y(y) + 4, text));
    keepOnly(g, 1 + seen.length);
  },
  picture: (g, mark, at) => {
    const [x, x2] = mark.across.map(at.x);
    const [y, y2] = mark.up.map(at.y);
    keep(g, 0, "image", { x: Math.min(x, x2), y: Math.min(y, y2), width: Math.abs(x2 - x),
      height: Math.abs(y2 - y), preserveAspectRatio: "none", href: toned(mark, y > y2),
      style: "image-rendering: pixelated" });
  },
  heat: (g, mark, at) => {
    if (mark.palette === "paper") return inked(g, mark, at);
    const [x, x2] = mark.across.map(at.x);
    const [y, y2] = mark.up.map(at.y);
    keep(g, 0, "image", { x: Math.min(x, x2), y: Math.min(y, y2), width: Math.abs(x2 - x),
      height: Math.abs(y2 - y), preserveAspectRatio: "none", href: colours(mark, y > y2),
      style: `image-rendering: ${mark.smooth ? "auto" : "pixelated"}` });
    if (mark.palette === "signed") minuses(g, mark, at);
  },
  photo: (g, mark, at) => {
    const [x, x2] = mark.across.map(at.x);
    const [y, y2] = mark.up.map(at.y);
    keep(g, 0, "image", { x: Math.min(x, x2), y: Math.min(y, y2), width: Math.abs(x2 - x),
      height: Math.abs(y2 - y), preserveAspectRatio: "none", href: pixels(mark, y > y2),
      style: "image-rendering: pixelated" });
  },
  bars: (g, mark, at) => {
    const high = Math.abs(at.y(mark.at[1]) - at.y(mark.at[0])) * 0.64;
    const box = (i) => `M${round(at.x(0))} ${round(at.y(mark.at[i]) - high / 2)}` +
      `h${round(at.x(mark.length[i]) - at.x(0))}v${round(high)}H${round(at.x(0))}Z`;
    const rest = mark.at.map((_, i) => i).filter((i) => i !== mark.best);
    keep(g, 0, "path", { d: rest.map(box).join(""), class: "dlcore-fill dlcore-blue" });
    const best = mark.best === null ? "" : box(mark.best);
    keep(g, 1, "path", { d: best, class: "dlcore-fill dlcore-orange dlcore-best" });
    mark.words.forEach((text, i) => {
      const end = at.x(mark.length[i]);
      const left = mark.length[i] < 0;
      const wide = 4 + 8 * text.length; // beside its bar, or at the end of it
      const outside = left ? end - wide > 0 : end + wide < at.w;
      const after = outside !== left;
      label(g, 2 + i, end + (after ? 4 : -4), at.y(mark.at[i]) + 4, text,
        after ? "start" : "end");
      g.children[2 + i].classList.toggle("dlcore-strong", i === mark.best);
    });
  },
  edges: (g, mark, at) => {
    mark.strength.forEach((strength, i) => {
      const below = strength < 0;
      keep(g, i, "line", { x1: round(at.x(mark.x[i])), y1: round(at.y(mark.y[i])),
        x2: round(at.x(mark.x2[i])), y2: round(at.y(mark.y2[i])),
        "stroke-width": round(0.6 + (5 * Math.abs(strength)) / mark.top),
        "stroke-dasharray": below ? DASHES.dashed : "",
        class: `dlcore-stroke dlcore-${below ? "orange" : "purple"}` });
    });
    keepOnly(g, mark.strength.length);
  },
  nodes: (g, mark, at) => {
    keep(g, 0, "path", { d: spots({ ...mark, size: 6, shape: "circle" }, at),
      class: "dlcore-hollow dlcore-ink" });
    const left = mark.side === "left";
    mark.words.forEach((text, i) => label(g, 1 + i, at.x(mark.x[i]) + (left ? -11 : 11),
      at.y(mark.y[i]) + 4, text, left ? "end" : "start"));
    keepOnly(g, 1 + mark.words.length);
  },
  boxes: (g, mark, at) => {
    const [width, height] = mark.size;
    mark.x.forEach((x, i) => keep(g, i, "rect", { x: round(at.x(x) + mark.dx[i] - width / 2),
      y: round(at.y(mark.y[i]) - height / 2), width, height, rx: 4,
      class: `dlcore-hollow dlcore-${mark.colour}`, style: `stroke-width: ${mark.width}` }));
    keepOnly(g, mark.x.length);
  },
  words: (g, mark, at) => {
    const look = `${mark.strong ? "dlcore-strong" : ""} ${mark.colour === "ink" ? "" : "dlcore-warm"}`;
    mark.words.forEach((text, i) => {
      label(g, i, at.x(mark.x[i]) + mark.dx[i], at.y(mark.y[i]) + mark.dy[i] + 4, text);
      change(g.children[i], { class: `dlcore-word ${look}` });
    });
    keepOnly(g, mark.words.length);
  },
  handle: (g, mark, at) => {
    const place = { cx: round(at.x(mark.x)), cy: round(at.y(mark.y)) };
    keep(g, 0, "circle", { ...place, r: HIT, class: "dlcore-hit" });
    keep(g, 1, "circle", { ...place, r: 7, class: "dlcore-handle" });
  },
};

// A small sample of a mark for the legend.
function sample(parent, mark) {
  const chip = mark.colour === "black" ? "dlcore-chip" : ""; // what stands on colours only
  const svg = draw(parent, "svg", { width: 28, height: 14, "aria-hidden": "true", class: chip });
  const at = { x: (x) => x, y: (y) => y, holds: () => false };
  const g = draw(svg, "g");
  const size = Array.isArray(mark.size) ? 4 : mark.size;
  if (mark.kind === "points") MARKS.points(g, { ...mark, size, x: [14], y: [7] }, at);
  else if (mark.kind === "handle") draw(g, "circle", { cx: 14, cy: 7, r: 6, class: "dlcore-handle" });
  else draw(g, "path", { d: "M1 7H27", ...pen(mark) });
}
