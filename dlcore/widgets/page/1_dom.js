// Elements of the page, and numbers as people write them.

const SVG = "http://www.w3.org/2000/svg";

function make(parent, tag, name, attributes = {}, text = "") {
  const made = document.createElement(tag);
  if (name) made.className = `dlcore-${name}`;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== "") made.textContent = text;
  parent.append(made);
  return made;
}

function draw(parent, tag, attributes = {}, text = "") {
  const made = document.createElementNS(SVG, tag);
  change(made, attributes);
  if (text !== "") made.textContent = text;
  parent.append(made);
  return made;
}

function change(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

// The child at a place among its siblings; what stood there before is used again.
function keep(parent, at, tag, attributes) {
  const there = parent.children[at];
  if (there && there.localName === tag) return change(there, attributes);
  const made = draw(parent, tag, attributes);
  if (there) there.replaceWith(made);
  return made;
}

function keepOnly(parent, count) {
  while (parent.children.length > count) parent.lastChild.remove();
}

// A text only where it is another: a screen reader speaks of every change.
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function digits(step) {
  const [, behind = ""] = String(Number(step.toPrecision(6))).split(".");
  return behind.length;
}

function written(value, step) {
  const text = value.toFixed(Math.min(6, digits(step)));
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "\u2212");
}

function within(value, low, high) {
  return Math.min(Math.max(value, Math.min(low, high)), Math.max(low, high));
}
