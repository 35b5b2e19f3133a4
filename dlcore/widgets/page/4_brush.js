// A sheet to draw on with mouse, finger, pen or keyboard. A stroke is a list of points [x, y, width]
// from 0 to 1; what a hand adds is seen at once, before the model has answered.

const CELLS = 16; // in a row and in a column, for the cursor of the keyboard
const NEAR = 0.008; // the pen must move this far before the next point counts
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HELP = "Drawing sheet of 16 by 16 cells. Arrow keys move the cursor, Space paints a cell, " +
  "Shift with an arrow key paints on the way, Backspace takes back the last stroke.";

class Brush {
  constructor(panel, mark) {
    Object.assign(this, { panel, mark, shell: panel.shell, strokes: mark.strokes });
    this.cursor = [CELLS / 2, 2];
    this.pointer = null; // of the mouse button, finger or pen that draws
    this.down = false; // whether the keyboard is in the middle of a stroke
    const svg = panel.svg;
    change(svg, { tabindex: 0, role: "application", "data-control": mark.sets,
      class: "dlcore-picture dlcore-sheet" });
    svg.addEventListener("pointerdown", (event) => this.press(event));
    svg.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      svg.addEventListener(end, (event) => {
        if (event.pointerId === this.pointer) this.pointer = null;
      });
    }
    svg.addEventListener("keydown", (event) => this.key(event));
    for (const event of ["focus", "blur"]) svg.addEventListener(event, () => this.redraw());
  }

  show(g, mark) {
    Object.assign(this, { g, mark });
    // While something is on its way to the model, the hand knows better than the answer.
    if (this.pointer === null && !this.shell.waiting()) this.strokes = mark.strokes;
    this.panel.svg.setAttribute("aria-label", `${this.panel.spec.title}. ${HELP}`);
    this.redraw();
  }

  redraw() {
    if (!this.g) return; // nothing has a size yet
    const { x, y, w } = this.panel.place;
    this.strokes.forEach((stroke, i) => {
      const [first] = stroke;
      const d = [first, ...stroke].map((p, k) => `${k ? "L" : "M"}${round(x(p[0]))} ${round(y(p[1]))}`);
      keep(this.g, i, "path", { d: d.join(""), class: "dlcore-stroke dlcore-ink dlcore-pen",
        "stroke-width": round(this.mark.pen * w * (first[2] ?? 1)) });
    });
    keepOnly(this.g, this.strokes.length);
    if (!this.panel.svg.matches(":focus-visible")) return;
    const cell = w / CELLS;
    draw(this.g, "rect", { x: this.cursor[0] * cell + 1, y: this.cursor[1] * cell + 1,
      width: cell - 2, height: cell - 2, class: "dlcore-cursor" });
  }

  store(strokes) {
    this.strokes = strokes;
    this.redraw();
    this.shell.set({ [this.mark.sets]: strokes });
  }

  begin(point) {
    this.store([...this.strokes, [point]]);
  }

  goOn(point) {
    const stroke = this.strokes[this.strokes.length - 1];
    if (!stroke) return this.begin(point);
    const [x, y] = stroke[stroke.length - 1];
    if (Math.hypot(point[0] - x, point[1] - y) < NEAR) return undefined;
    return this.store([...this.strokes.slice(0, -1), [...stroke, point]]);
  }

  place(event) {
    const { x, y } = this.panel.point(event);
    const pressed = event.pointerType === "pen" && event.pressure > 0;
    const wide = pressed ? 0.5 + event.pressure : 1;
    return [x, y, wide].map((each) => Math.round(each * 1000) / 1000);
  }

  press(event) {
    if (event.button !== 0 || this.pointer !== null) return;
    this.pointer = event.pointerId;
    this.panel.svg.setPointerCapture(this.pointer);
    this.down = false;
    this.begin(this.place(event));
  }

  move(event) {
    if (event.pointerId !== this.pointer) return;
    // Between two pictures of the page a mouse may have been in several places.
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length ? all : [event]) this.goOn(this.place(each));
  }

  key(event) {
    const step = STEPS[event.key];
    const centre = () => [...this.cursor.map((cell) => (cell + 0.5) / CELLS), 1];
    if (step) {
      if (event.shiftKey && !this.down) this.begin(centre());
      this.down = event.shiftKey;
      this.cursor = this.cursor.map((cell, i) => within(cell + step[i], 0, CELLS - 1));
      if (this.down) this.goOn(centre());
    } else if (event.key === " ") {
      this.begin(centre());
      this.down = true;
    } else if (event.key === "Backspace") {
      this.store(this.strokes.slice(0, -1));
      this.down = false;
    } else {
      return;
    }
    event.preventDefault();
    const [column, row] = this.cursor;
    this.shell.speak(`row ${row + 1}, column ${column + 1}${this.down ? ", painted" : ""}`);
    this.redraw();
  }
}
