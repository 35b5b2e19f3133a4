// The shell of a widget: controls, panels, the line that says what follows, numbers, words.

const talks = new Map(); // by the key of the widget, for each of its views
const LATE = "The kernel has not answered for five seconds: it is busy, or it is gone. If it is " +
  "gone, run this cell again; what you set is kept until then only on this page.";

class Shell {
  constructor(el, talk) {
    this.talk = talk;
    this.halts = [];
    this.root = make(el, "section", "widget", { "aria-label": talk.shown.name });
    this.shortcuts();
    this.top = make(this.root, "div", "controls");
    this.said = make(this.root, "div", "said", { role: "status" });
    this.trouble = make(this.root, "div", "trouble", { role: "alert" });
    this.panels = make(this.root, "div", "panels");
    this.lists = make(this.root, "div", "lists");
    const drawer = make(this.root, "details", "drawer dlcore-words");
    make(drawer, "summary", "", {}, "The pictures in words");
    this.words = make(drawer, "pre");
    this.bottom = make(this.root, "div", "controls");
    this.spoken = make(this.root, "div", "spoken", { "aria-live": "polite" });
    this.shown = [];
    this.build(talk.shown);
    this.all(talk.shown);
    talk.views.add(this);
  }

  // Keys that move a slider would also move through the notebook, which hears of them first; it
  // leaves alone what carries this attribute. To run the cell stays possible.
  shortcuts() {
    this.keys = (event) => {
      if (!this.root.contains(event.target)) return;
      const runs = event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.altKey);
      event.target.toggleAttribute("data-lm-suppress-shortcuts", !runs);
    };
    window.addEventListener("keydown", this.keys, true);
  }

  // Values in the steps and limits of their sliders, shown before the model has answered.
  set(values) {
    const fitting = {};
    for (const [name, value] of Object.entries(values)) {
      const spec = this.spec(name);
      if (spec?.kind !== "slider") { fitting[name] = value; continue; }
      const steps = Math.round((value - spec.low) / spec.step);
      const exact = Number((spec.low + steps * spec.step).toFixed(10));
      fitting[name] = within(exact, spec.low, spec.high);
    }
    this.setters(fitting, this.talk.shown.hidden);
    this.talk.set(fitting);
  }

  act(name, given) {
    return this.talk.act(name, given);
  }

  onHalt(action) {
    this.halts.push(action);
  }

  waiting() {
    return this.talk.waiting();
  }

  speak(text) {
    say(this.spoken, text);
  }

  spec(name) {
    const { controls: above, below } = this.talk.shown;
    return [...above, ...below].flatMap((group) => group.controls)
      .find((each) => each.name === name);
  }

  // Menus offer other words when the model works on other data; open drawers stay open.
  build({ controls: above, below }) {
    const open = [...this.root.querySelectorAll("details")].map((drawer) => drawer.open);
    this.halts = [];
    this.top.replaceChildren();
    this.bottom.replaceChildren();
    const both = [controls(this.top, above, this), controls(this.bottom, below, this)];
    this.setters = (...given) => both.forEach((set) => set(...given));
    [...this.root.querySelectorAll("details")].forEach((drawer, i) => { drawer.open = !!open[i]; });
  }

  all(shown) {
    for (const panel of this.shown) panel.end();
    this.panels.replaceChildren();
    const { panels, least } = shown.scene;
    // Small panels stand two in a row also where the page is narrow.
    const small = least < 200 ? `max(112px, min(${least}px, 50% - 10px))` : `${least}px`;
    this.panels.style.setProperty("--dlcore-least", small);
    let column = null;
    this.shown = panels.map((spec, i) => {
      if (!spec.column || spec.column !== panels[i - 1]?.column) {
        column = make(this.panels, "div", "column");
      }
      return new Panel(column, this, i);
    });
    this.shown.forEach((panel, i) => panel.show(panels[i]));
    this.rest(shown);
  }

  rest(shown) {
    const { said, words, lists } = shown.scene;
    say(this.said, said);
    say(this.words, words);
    const values = this.talk.waiting() ? {} : shown.values; // the hand is ahead of the answer
    this.setters(values, shown.hidden);
    this.numbers(lists);
  }

  numbers(lists) {
    const old = this.lists;
    lists.forEach(({ title, rows }, i) => {
      const table = old.children[i] ?? make(old, "table", "list");
      if (table.rows.length !== rows.length || table.dlcoreTitle !== title) {
        table.replaceChildren();
        table.dlcoreTitle = title;
        make(table, "caption", "", {}, title);
        for (const [name] of rows) {
          const row = make(table, "tr", "");
          make(row, "th", "", { scope: "row" }, name);
          make(row, "td", "");
        }
      }
      rows.forEach(([name, value], k) => {
        say(table.rows[k].cells[0], name);
        say(table.rows[k].cells[1], value);
      });
    });
    while (old.children.length > lists.length) old.lastChild.remove();
  }

  show(shown, changes, { halt, trouble }) {
    say(this.trouble, trouble);
    if (halt) for (const action of this.halts) action();
    const touched = new Map(); // panel -> marks, or null for all of it
    if (changes.some(([[first]]) => ["controls", "below"].includes(first))) this.build(shown);
    for (const [path] of changes) {
      if (path[0] !== "scene" && path.length) continue;
      const [, panels, number, part, mark] = path;
      if (panels === undefined || (panels === "panels" && number === undefined)) {
        return this.all(shown);
      }
      if (panels !== "panels") continue;
      if (part === "title") {
        if (!touched.has(number)) touched.set(number, []);
      } else if (part !== "marks" || mark === undefined || path[5] === "name") {
        touched.set(number, null);
      } else if (touched.get(number) !== null) {
        touched.set(number, [...(touched.get(number) ?? []), mark]);
      }
    }
    for (const [number, marks] of touched) {
      this.shown[number].show(shown.scene.panels[number], marks && [...new Set(marks)]);
    }
    this.shown.forEach((panel, i) => { panel.spec = shown.scene.panels[i]; });
    return this.rest(shown);
  }

  late(is) {
    if (is) say(this.trouble, LATE);
    else if (this.trouble.textContent === LATE) say(this.trouble, "");
  }

  end() {
    this.talk.views.delete(this);
    window.removeEventListener("keydown", this.keys, true);
    for (const panel of this.shown) panel.end();
  }
}

// The still picture above the widget is for pages that cannot move; this one can.
function hideStill(el, mark) {
  for (let up = el; mark && up && up !== document.body; up = up.parentElement) {
    const before = up.previousElementSibling;
    const picture = before?.querySelector?.("img");
    if (!picture) continue;
    if (picture.src.includes(mark)) before.style.display = "none";
    return;
  }
}

export default {
  initialize({ model }) {
    const key = model.get("key");
    talks.set(key, new Talk(model));
    return () => talks.delete(key);
  },
  render({ model, el }) {
    const shell = new Shell(el, talks.get(model.get("key")));
    requestAnimationFrame(() => hideStill(el, model.get("shown").still));
    return () => shell.end();
  },
};
