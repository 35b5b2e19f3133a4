// Between page and kernel: a question a frame at most, with the latest values only; what has changed
// comes back. The way there and back takes longer than a frame, so several questions travel at once:
// one after the other, so that their answers do not arrive together and make one picture of two. A
// kernel that falls behind gets two at most, so that the picture does not fall behind the hand.

const FRAME = 16; // ms from one question to the next
const AHEAD = 4; // questions on their way
const BEHIND = 100; // ms that the oldest of them is waited for, until there are two at most
const PATIENCE = 5000; // ms until a missing answer is spoken of

class Talk {
  constructor(model) {
    this.model = model;
    this.number = 0;
    this.values = {}; // set by the hand, not sent yet
    this.actions = [];
    this.asked = new Map(); // questions on their way, by number, the oldest first
    this.resting = false; // for a frame after each question
    this.views = new Set();
    model.on("msg:custom", (answer) => this.heard(answer));
  }

  get shown() {
    return this.model.get("shown");
  }

  set(values) {
    const known = this.known();
    for (const [name, value] of Object.entries(values)) {
      if (!Object.is(known[name], value)) this.values[name] = value;
    }
    this.send();
  }

  // The values of the model once all is answered; what an action will change nobody knows.
  known() {
    const asked = [...this.asked.values()];
    if (this.actions.length || asked.some(({ done }) => done)) return this.values;
    return Object.assign({}, this.shown.values, ...asked.map(({ values }) => values), this.values);
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

  full() {
    const [oldest] = this.asked.values();
    const slow = oldest && performance.now() - oldest.at > BEHIND;
    return this.asked.size >= (slow ? 2 : AHEAD);
  }

  send() {
    if (this.resting || this.full()) return;
    const action = this.actions.shift();
    const values = action ? action.values : this.values;
    if (!action && !Object.keys(values).length) return;
    if (!action) this.values = {};
    this.number += 1;
    const patience = setTimeout(() => this.late(true), PATIENCE);
    this.asked.set(this.number, { done: action?.done, patience, values, at: performance.now() });
    this.resting = true;
    setTimeout(() => { this.resting = false; this.send(); }, FRAME);
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
