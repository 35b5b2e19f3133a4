// Between page and kernel: a question a frame at most; what has changed comes back. The way there and
// back takes longer than a frame, so several questions travel at once. A kernel that falls behind gets
// two at most, so that the picture does not fall behind the hand.
// A question says where the hand is, and through which values it came there since the last one. A
// kernel that is quick answers with a picture for each of them, and the page shows one a frame: on a
// machine that lets few questions through, the picture still moves as smoothly as the hand.

const FRAME = 16; // ms from one question to the next
const AHEAD = 4; // questions on their way
const BEHIND = 100; // ms that the oldest of them is waited for, until there are two at most
const THROUGH = 2; // values on the way of the hand that a question tells of, the latest apart
const BEHIND_HAND = 3; // pictures that wait for their frame, until the oldest are passed over
const PATIENCE = 5000; // ms until a missing answer is spoken of

class Talk {
  constructor(model) {
    this.model = model;
    this.number = 0;
    this.values = {}; // set by the hand, not sent yet
    this.through = []; // how it came there: what it set, one after the other
    this.pictures = []; // answers to be shown, one a frame
    this.frame = false; // whether the next frame shows one
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
    const other = Object.entries(values).filter(([name, value]) => !Object.is(known[name], value));
    if (other.length) {
      if (Object.keys(this.values).length) this.through.push({ ...this.values });
      Object.assign(this.values, Object.fromEntries(other));
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
      this.through = [];
      this.send();
    });
  }

  waiting() {
    return this.asked.size + this.pictures.length + Object.keys(this.values).length > 0;
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
    const through = action ? [] : spread(this.through, THROUGH);
    if (!action) [this.values, this.through] = [{}, []];
    this.number += 1;
    const patience = setTimeout(() => this.late(true), PATIENCE);
    this.asked.set(this.number, { done: action?.done, patience, values, at: performance.now() });
    this.resting = true;
    setTimeout(() => { this.resting = false; this.send(); }, FRAME);
    const { name = null, given = {} } = action ?? {};
    try {
      this.model.send({ number: this.number, through, set: values, action: name, given });
    } catch {
      this.late(true);
    }
  }

  heard({ number, through = [], changes = [], halt = false, trouble = "" }) {
    for (const each of through) this.queue(each, {});
    this.queue(changes, { halt, trouble });
    const question = this.asked.get(number);
    if (question) {
      clearTimeout(question.patience);
      this.asked.delete(number);
      this.late(false);
      this.send();
    }
    if (document.hidden) this.show(); // it has no frames
    else this.soon();
    question?.done?.({ halt });
  }

  queue(changes, { halt = false, trouble = "" }) {
    const shown = changes.reduce(patched, this.shown);
    this.model.set("shown", shown);
    this.pictures.push({ shown, changes, halt, trouble });
    while (this.pictures.length > BEHIND_HAND) {
      const [first, second] = this.pictures.splice(0, 2);
      const both = [...first.changes, ...second.changes];
      const stop = { halt: first.halt || second.halt, trouble: first.trouble || second.trouble };
      this.pictures.unshift({ ...second, ...stop, changes: both });
    }
  }

  soon() {
    if (this.frame || !this.pictures.length) return;
    this.frame = true;
    requestAnimationFrame(() => {
      this.frame = false;
      this.show();
      this.soon();
    });
  }

  show() {
    const picture = this.pictures.shift();
    if (!picture) return;
    for (const view of this.views) view.show(picture.shown, picture.changes, picture);
    if (document.hidden) this.show();
  }

  late(is) {
    for (const view of this.views) view.late(is);
  }
}

// At most so many of a list, at even distances; the first of them may go, the last may not.
function spread(list, most) {
  const [take, length] = [Math.min(most, list.length), list.length];
  return Array.from({ length: take }, (_, i) => list[Math.ceil(((i + 1) * length) / take) - 1]);
}

// A copy of `whole` with the value put where the path leads; the parts on other ways are shared.
function patched(whole, [path, value]) {
  if (!path.length) return value;
  const [first, ...rest] = path;
  const copy = Array.isArray(whole) ? [...whole] : { ...whole };
  copy[first] = patched(copy[first], [rest, value]);
  return copy;
}
