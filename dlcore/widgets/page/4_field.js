// Cells that a hand points at, with mouse, finger or keyboard; some it can also paint, and what it
// paints is seen at once. The frame of the cell that is pointed at comes with the model's answer.

const FAR = 10; // cells that an arrow key goes with Shift
const FINER = 0.1; // what + and - add to a cell
const POINTS = "Press or drag to choose a cell. Arrow keys go to the next one, with Shift by ten.";
const PAINTS = "Arrow keys move the cursor, Space paints the cell, + and - change it by 0.1, " +
  "0 clears it.";
const ENTERS = " Enter goes to the next picture with cells.";

class Field {
  constructor(panel) {
    Object.assign(this, { panel, shell: panel.shell, pointer: null });
    const svg = panel.svg;
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
    const first = !this.mark;
    Object.assign(this, { g, mark });
    // While something is on its way to the model, the hand knows better than the answer.
    if (first || !this.shell.waiting()) {
      if (first || !mark.paints) this.at = mark.at;
      this.values = mark.values;
    }
    this.at = this.at.map((each, i) => within(each, 0, mark.counts[i] - 1));
    const others = this.shell.talk.shown.scene.panels
      .filter(({ marks }) => marks.some(({ kind }) => kind === "cells")).length - 1;
    const help = (mark.paints ? PAINTS : POINTS) + (others ? ENTERS : "");
    change(this.panel.svg, { tabindex: 0, role: "application",
      "aria-label": `${this.panel.spec.title}. ${help}`,
      "data-control": mark.paints || mark.sets[0] });
    this.panel.svg.classList.add("dlcore-sheet", "dlcore-field");
    this.redraw();
  }

  // Without cells the panel is a picture as the others are, until some come again.
  rest() {
    const { svg } = this.panel;
    Object.assign(this, { g: null, mark: null, pointer: null });
    for (const name of ["tabindex", "data-control"]) svg.removeAttribute(name);
    svg.setAttribute("role", "img");
    svg.classList.remove("dlcore-sheet", "dlcore-field");
  }

  redraw() {
    if (!this.g) return;
    keepOnly(this.g, 0);
    if (!this.mark.paints || !this.panel.svg.matches(":focus-visible")) return;
    const { x, y } = this.panel.place;
    const { first, step } = this.mark;
    const middle = [first[0] + this.at[1] * step[0], first[1] + this.at[0] * step[1]];
    const [left, right] = [-0.5, 0.5].map((by) => x(middle[0] + by * step[0]));
    const [top, bottom] = [-0.5, 0.5].map((by) => y(middle[1] + by * step[1])).sort((a, b) => a - b);
    draw(this.g, "rect", { x: left + 2, y: top + 2, width: right - left - 4,
      height: bottom - top - 4, class: "dlcore-cursor dlcore-cell" });
  }

  cell(event) {
    const { x, y } = this.panel.point(event);
    const { first, step, counts } = this.mark;
    return [within(Math.round((y - first[1]) / step[1]), 0, counts[0] - 1),
      within(Math.round((x - first[0]) / step[0]), 0, counts[1] - 1)];
  }

  go(cell) {
    this.at = cell;
    const [row, column] = this.mark.sets;
    if (row) this.shell.set({ [row]: cell[0], [column]: cell[1] });
    this.redraw();
  }

  paint(value) {
    const i = this.at[0] * this.mark.counts[1] + this.at[1];
    const exact = Number(value.toFixed(4));
    if (this.values[i] === exact) return;
    this.values = this.values.with(i, exact);
    this.shell.set({ [this.mark.paints]: this.values });
  }

  press(event) {
    if (!this.mark || event.button !== 0 || this.pointer !== null) return;
    this.pointer = event.pointerId;
    this.panel.svg.setPointerCapture(this.pointer);
    this.go(this.cell(event));
    if (this.mark.paints) this.paint(this.mark.pen);
  }

  // Only with the button held: on its way to a slider the mouse would take the window along.
  move(event) {
    if (event.pointerId !== this.pointer) return;
    this.go(this.cell(event));
    if (this.mark.paints) this.paint(this.mark.pen);
  }

  key(event) {
    if (!this.mark) return;
    // Where the model has chosen another cell than the hand, the keys begin from the model's.
    if (!this.mark.paints && !this.shell.waiting()) this.at = this.mark.at;
    const step = STEPS[event.key];
    const value = this.values[this.at[0] * this.mark.counts[1] + this.at[1]];
    if (step) {
      const far = event.shiftKey && !this.mark.paints ? FAR : 1;
      const [rows, columns] = this.mark.counts;
      this.go([within(this.at[0] + far * step[1], 0, rows - 1),
        within(this.at[1] + far * step[0], 0, columns - 1)]);
    } else if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey) {
      const fields = [...this.shell.root.querySelectorAll(".dlcore-field")];
      fields[(fields.indexOf(this.panel.svg) + 1) % fields.length].focus();
    } else if (this.mark.paints && event.key === " ") {
      this.paint(this.mark.pen);
    } else if (this.mark.paints && (event.key === "+" || event.key === "-")) {
      this.paint(value + (event.key === "+" ? FINER : -FINER));
    } else if (this.mark.paints && event.key === "0") {
      this.paint(0);
    } else {
      return;
    }
    event.preventDefault();
    const now = this.values[this.at[0] * this.mark.counts[1] + this.at[1]];
    const said = this.mark.paints ? `, weight ${written(now, 0.01)}` : "";
    this.shell.speak(`row ${this.at[0]}, column ${this.at[1]}${said}`);
  }
}
