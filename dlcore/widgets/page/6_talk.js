// Between page and kernel: never more than two questions on their way, so that the picture does not
// fall behind the hand; the latest values only; and what has changed comes back.

const AHEAD = 2; // while one question is answered, the next may travel
const PATIENCE = 5000; // ms until a missing answer is spoken of

class Talk {
  constructor(model) {
    this.model = model;
    this.number = 0;
    this.values = {}; // set by the hand, not sent yet
    this.actions = [];
    this.asked = new Map(); // questions on their way, by number
    this.views = new Set();
    model.on("msg:custom", (answer) => this.heard(answer));
  }

  get shown() {
    return this.model.get("shown");
  }

  set(values) {
    Object.assign(this.values, values);
    this.send();
  }

  act(name, given = {}) {
    return new Promise((done) => {
      this.actions.push({ name, given, done, values: this.values });
      this.values = {};
      this.send();
    });
  }

  waiting() {
    return this.asked.size > 0 || Object.keys(this.values).length > 0;
  }

  send() {
    if (this.asked.size >= AHEAD) return;
    const action = this.actions.shift();
    const values = action ? action.values : this.values;
    if (!action && !Object.keys(values).length) return;
    if (!action) this.values = {};
    this.number += 1;
    const patience = setTimeout(() => this.late(true), PATIENCE);
    this.asked.set(this.number, { done: action?.done, patience });
    const { name = null, given = {} } = action ?? {};
    try {
      this.model.send({ number: this.number, set: values, action: name, given });
    } catch {
      this.late(true);
    }
  }

  heard({ number, changes = [], halt = false, trouble = "" }) {
    const shown = changes.reduce(patched, this.shown);
    this.model.set("shown", shown);
    const question = this.asked.get(number);
    if (question) {
      clearTimeout(question.patience);
      this.asked.delete(number);
      this.late(false);
      this.send();
    }
    for (const view of this.views) view.show(shown, changes, { halt, trouble });
    question?.done?.({ halt });
  }

  late(is) {
    for (const view of this.views) view.late(is);
  }
}

// A copy of `whole` with the value put where the path leads; the parts on other ways are shared.
function patched(whole, [path, value]) {
  if (!path.length) return value;
  const [first, ...rest] = path;
  const copy = Array.isArray(whole) ? [...whole] : { ...whole };
  copy[first] = patched(copy[first], [rest, value]);
  return copy;
}
