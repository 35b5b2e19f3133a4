// A panel: title, axes, marks and legend in one figure. Its letters keep their size at every width.

const FINE = 12; // pixels of a letter at an axis
const LEGEND = ["line", "segments", "arrow", "points", "levels", "handle"];

function ticks(axis, room) {
  if (axis.ticks) return axis.ticks.map(([value, text]) => ({ value, text }));
  const [low, high] = [Math.min(axis.low, axis.high), Math.max(axis.low, axis.high)];
  const rough = (high - low) / Math.max(1, room);
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((by) => by * ten).find((each) => each >= rough);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i += 1) {
    found.push({ value: i * step, text: written(i * step, step) });
  }
  return found;
}

class Panel {
  constructor(parent, shell, at) {
    this.shell = shell;
    this.at = at; // its number among the panels
    this.root = make(parent, "figure", "panel");
    this.title = make(this.root, "figcaption", "title");
    this.up = make(this.root, "div", "axis", { "aria-hidden": "true" });
    this.svg = draw(this.root, "svg", { role: "img", class: "dlcore-picture" });
    this.frame = draw(this.svg, "g", { class: "dlcore-frame" });
    this.plot = draw(this.svg, "svg", { class: "dlcore-plot" });
    this.over = draw(this.svg, "g"); // handles: whole, also where they stand on an edge
    this.across = make(this.root, "div", "axis dlcore-across", { "aria-hidden": "true" });
    this.legend = make(this.root, "div", "legend");
    this.groups = [];
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.root);
  }

  // All of it, or only the marks with the numbers in `marks`.
  show(spec, marks = null) {
    this.spec = spec;
    say(this.title, spec.title);
    this.svg.setAttribute("aria-label", spec.title);
    if (marks === null) {
      this.names();
      // Its width is known, and to ask for it amid changes would lay out the whole page each time.
      if (this.width) this.redraw();
      else this.fit();
    } else if (this.width) {
      for (const i of marks) this.mark(i);
    }
  }

  names() {
    const { across, up, bare, marks } = this.spec;
    say(this.up, up.label && `${up.low > up.high ? "\u2193" : "\u2191"} ${up.label}`);
    say(this.across, across.label && (bare ? across.label : `${across.label} \u2192`));
    this.up.hidden = this.across.hidden = bare && !across.label;
    const drawn = marks.find(({ kind }) => kind === "brush");
    if (drawn) this.brush ??= new Brush(this, drawn);
    if (!marks.some(({ kind }) => kind === "cells")) this.field?.rest();
    const framed = bare && marks.some(({ kind }) => ["heat", "picture", "photo"].includes(kind));
    this.svg.classList.toggle("dlcore-framed", framed);
    const named = bare ? [] : marks.filter(({ name, kind }) => name && LEGEND.includes(kind));
    const looks = JSON.stringify(named.map(({ x, y, x2, y2, values, ...look }) => look));
    if (looks === this.looks) return;
    this.looks = looks;
    this.legend.replaceChildren();
    for (const mark of named) {
      const row = make(this.legend, "span", "entry");
      sample(row, mark);
      make(row, "span", "", {}, mark.name);
    }
  }

  fit() {
    const width = Math.floor(this.root.clientWidth);
    if (!this.spec || !width || width === this.width) return;
    this.width = width;
    this.redraw();
  }

  redraw() {
    const { width } = this;
    const { across, up, bare, ratio } = this.spec;
    const wanted = Math.min(ratio * width, 420 * Math.max(1, ratio));
    const words = bare ? 0 : (up.ticks?.length ?? 0); // which must not stand on each other
    const high = Math.round(Math.max(wanted, 28 + 15 * words));
    const rows = bare ? [] : ticks(up, high / 45);
    const longest = Math.max(0, ...rows.map(({ text }) => text.length));
    const left = bare ? 0 : 12 + 7 * longest;
    const [right, above, below] = bare ? [0, 0, 0] : [12, 8, 20];
    const [w, h] = [width - left - right, high - above - below];
    const scale = (axis, from, to) => (value) =>
      from + ((value - axis.low) / (axis.high - axis.low)) * (to - from);
    this.place = { x: scale(across, 0, w), y: scale(up, h, 0), left, above, w, h };
    this.place.holds = (x, y) => {
      const [px, py] = [this.place.x(x), this.place.y(y)];
      return px > 8 && px < w - 8 && py > 8 && py < h - 8;
    };
    change(this.svg, { width, height: high, viewBox: `0 0 ${width} ${high}` });
    change(this.plot, { x: left, y: above, width: w, height: h });
    change(this.over, { transform: `translate(${left} ${above})` });
    const columns = bare ? [] : ticks(across, w / 62);
    this.axes(columns, rows);
    this.plot.replaceChildren();
    this.over.replaceChildren();
    this.groups = this.spec.marks.map(({ kind }) =>
      draw(kind === "handle" ? this.over : this.plot, "g"));
    this.spec.marks.forEach((_, i) => this.mark(i));
  }

  axes(columns, rows) {
    const { x, y, left, above, w, h } = this.place;
    this.frame.replaceChildren();
    if (this.spec.bare) return;
    draw(this.frame, "path", { d: `M${left} ${above}v${h}h${w}`, class: "dlcore-axes" });
    for (const { value, text } of columns) {
      const at = left + x(value);
      draw(this.frame, "path", { d: `M${round(at)} ${above + h}v4`, class: "dlcore-axes" });
      const half = 3.5 * text.length; // the outer numbers stay inside of the picture
      draw(this.frame, "text", { x: within(at, half, left + w + 12 - half), y: above + h + 17,
        "text-anchor": "middle", "data-value": value }, text);
    }
    for (const { value, text } of rows) {
      const at = above + y(value);
      draw(this.frame, "path", { d: `M${left} ${round(at)}h-4`, class: "dlcore-axes" });
      draw(this.frame, "text", { x: left - 7, y: round(at) + FINE / 3, "text-anchor": "end",
        "data-value": value }, text);
    }
  }

  mark(i) {
    const mark = this.spec.marks[i];
    const g = this.groups[i];
    if (!g) return;
    change(g, { "data-kind": mark.kind, "data-name": mark.name });
    if (mark.kind === "brush") return this.brush.show(g, mark);
    if (mark.kind === "cells") {
      this.field ??= new Field(this);
      return this.field.show(g, mark);
    }
    MARKS[mark.kind](g, mark, this.place);
    if (mark.kind === "handle" && !g.dlcoreDrags) this.draggable(g, i);
  }

  // Where a pointer is, in the numbers of the axes and inside of them.
  point(event) {
    const { across, up } = this.spec;
    const { left, above, w, h } = this.place;
    const outer = this.svg.getBoundingClientRect();
    const zoom = outer.width / this.width || 1; // a page may be scaled
    const x = (event.clientX - outer.left) / zoom - left;
    const y = (event.clientY - outer.top) / zoom - above;
    return {
      x: within(across.low + (x / w) * (across.high - across.low), across.low, across.high),
      y: within(up.low + ((h - y) / h) * (up.high - up.low), up.low, up.high),
    };
  }

  draggable(g, i) {
    g.dlcoreDrags = true;
    let pointer = null;
    const follow = (event) => {
      const place = this.point(event);
      const { sets } = this.spec.marks[i];
      const free = (axis) => Object.values(sets).some(([from]) => from === axis);
      this.ahead(g, free("x") && place.x, free("y") && place.y);
      const wanted = Object.entries(sets)
        .map(([name, [axis, by, plus]]) => [name, place[axis] * by + plus]);
      this.shell.set(Object.fromEntries(wanted));
    };
    g.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || pointer !== null) return;
      pointer = event.pointerId;
      g.setPointerCapture(pointer);
      g.classList.add("dlcore-held");
      event.preventDefault();
    });
    g.addEventListener("pointermove", (event) => {
      if (event.pointerId === pointer) follow(event);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      g.addEventListener(end, () => {
        pointer = null;
        g.classList.remove("dlcore-held");
      });
    }
  }

  // The dot under the hand does not wait for the answer, which puts it to its exact place.
  ahead(g, x, y) {
    for (const circle of g.children) {
      if (x !== false) circle.setAttribute("cx", round(this.place.x(x)));
      if (y !== false) circle.setAttribute("cy", round(this.place.y(y)));
    }
  }

  end() {
    this.sizes.disconnect();
  }
}
