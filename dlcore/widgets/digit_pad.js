// The digit pad of lesson 00. Strokes go to the kernel; a picture and ten probabilities come back.
// A stroke is a list of points [x, y] from 0 to 1. All that is shown follows from the model.

const PAD = 256; // width and height of the pad, in pixels of the page
const SEEN = 128; // the same for the picture that the network sees
const PEN = 18;
const CELLS = 16; // in a row and in a column, for the cursor of the keyboard
const NEAR = 0.01; // the pen must move this far before the next point counts
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HELP =
  "Drawing pad of 16 by 16 cells. Arrow keys move the cursor, Space paints a cell, " +
  "Shift with an arrow key paints on the way, Backspace takes back the last stroke.";

function add(parent, tag, name, attributes = {}, text = "") {
  const made = document.createElement(tag);
  made.className = `dlcore-pad-${name}`;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  parent.append(made);
  return made;
}

function canvas(parent, name, size, attributes) {
  const made = add(parent, "canvas", name, attributes);
  made.width = made.height = size * window.devicePixelRatio;
  made.style.width = made.style.height = `${size}px`;
  return made;
}

// A pencil for an emptied canvas, in the colour that the theme gives to text.
function pencil(surface, size) {
  const context = surface.getContext("2d");
  const scale = surface.width / size;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, size, size);
  context.strokeStyle = context.fillStyle = getComputedStyle(surface).color;
  return context;
}

function drawPad(pad, strokes, cursor) {
  const context = pencil(pad, PAD);
  context.lineWidth = PEN;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.beginPath();
    for (const [x, y] of [stroke[0], ...stroke]) context.lineTo(x * PAD, y * PAD);
    context.stroke();
  }
  if (!pad.matches(":focus-visible")) return;
  const cell = PAD / CELLS;
  context.lineWidth = 2;
  context.strokeStyle = getComputedStyle(pad).outlineColor;
  context.strokeRect(cursor[0] * cell + 1, cursor[1] * cell + 1, cell - 2, cell - 2);
}

function drawSeen(seen, picture) {
  const context = pencil(seen, SEEN);
  const pixel = SEEN / 8;
  picture.forEach((ink, at) => {
    context.globalAlpha = ink / 16;
    context.fillRect((at % 8) * pixel, Math.floor(at / 8) * pixel, pixel, pixel);
  });
}

function addBars(parent) {
  const group = add(parent, "div", "bars", { role: "group", "aria-label": "Probabilities" });
  return Array.from({ length: 10 }, (_, digit) => {
    const row = add(group, "div", "row", {
      role: "meter", "aria-label": `digit ${digit}`, "aria-valuemin": 0, "aria-valuemax": 100,
    });
    add(row, "span", "digit", {}, digit);
    const bar = add(add(row, "span", "track"), "span", "bar");
    return { row, bar, percent: add(row, "span", "percent") };
  });
}

function drawBars(bars, probabilities) {
  const largest = Math.max(...probabilities);
  bars.forEach(({ row, bar, percent }, digit) => {
    const share = Math.round(100 * probabilities[digit]);
    bar.style.width = `${100 * probabilities[digit]}%`;
    percent.textContent = `${share} %`;
    row.setAttribute("aria-valuenow", share);
    row.classList.toggle("dlcore-pad-top", largest > 0 && probabilities[digit] === largest);
  });
}

function render({ model, el }) {
  const root = add(el, "div", "root");
  const left = add(root, "div", "column");
  add(left, "div", "title", {}, "Draw a digit");
  const pad = canvas(left, "surface", PAD, {
    tabindex: 0, role: "application", "aria-label": HELP, "data-lm-suppress-shortcuts": "true",
  });
  const clear = add(left, "button", "clear", { type: "button" }, "Clear");
  const middle = add(root, "div", "column");
  add(middle, "div", "title", {}, "What the network sees");
  const seen = canvas(middle, "seen", SEEN, {
    role: "img", "aria-label": "The drawing as 8 by 8 pixels",
  });
  const right = add(root, "div", "column");
  const answer = add(right, "div", "title", { role: "status" });
  const bars = addBars(right);
  const spoken = add(root, "div", "spoken", { "aria-live": "polite" });
  add(root, "div", "help", { "aria-hidden": "true" },
    "Keyboard: arrow keys move, Space paints, Shift+arrow draws, Backspace takes back.");

  let pointer = null; // of the mouse button or finger that draws
  let cursor = [CELLS / 2, 2];
  let penDown = false; // whether the keyboard is in the middle of a stroke

  const strokes = () => model.get("strokes");
  const store = (changed) => {
    model.set("strokes", changed);
    model.save_changes();
  };
  const begin = (point) => store([...strokes(), [point]]);
  const goOn = (point) => {
    const before = strokes();
    const stroke = before[before.length - 1] ?? [];
    const [x, y] = stroke[stroke.length - 1] ?? [9, 9];
    if (Math.hypot(point[0] - x, point[1] - y) < NEAR) return;
    store([...before.slice(0, -1), [...stroke, point]]);
  };
  const place = (event) => {
    const box = pad.getBoundingClientRect();
    const inside = (value) => Math.min(1, Math.max(0, value));
    return [inside((event.clientX - box.left) / box.width),
      inside((event.clientY - box.top) / box.height)];
  };
  const centre = () => cursor.map((cell) => (cell + 0.5) / CELLS);
  const redraw = () => {
    drawPad(pad, strokes(), cursor);
    drawSeen(seen, model.get("picture"));
  };

  pad.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pointer !== null) return;
    pointer = event.pointerId;
    pad.setPointerCapture(pointer);
    penDown = false;
    begin(place(event));
  });
  pad.addEventListener("pointermove", (event) => {
    if (event.pointerId === pointer) goOn(place(event));
  });
  for (const end of ["pointerup", "pointercancel"]) {
    pad.addEventListener(end, (event) => {
      if (event.pointerId === pointer) pointer = null;
    });
  }
  pad.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (step) {
      if (event.shiftKey && !penDown) begin(centre());
      penDown = event.shiftKey;
      cursor = cursor.map((cell, i) => Math.min(CELLS - 1, Math.max(0, cell + step[i])));
      if (penDown) goOn(centre());
    } else if (event.key === " ") {
      begin(centre());
      penDown = true;
    } else if (event.key === "Backspace") {
      store(strokes().slice(0, -1));
      penDown = false;
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const what = penDown ? ", painted" : "";
    spoken.textContent = `row ${cursor[1] + 1}, column ${cursor[0] + 1}${what}`;
    redraw();
  });
  pad.addEventListener("focus", redraw);
  pad.addEventListener("blur", redraw);
  clear.addEventListener("click", () => {
    penDown = false;
    store([]);
    spoken.textContent = "The pad is empty.";
  });

  const showAnswer = () => (answer.textContent = model.get("answer"));
  const showBars = () => drawBars(bars, model.get("probabilities"));
  const listeners = {
    "change:strokes": redraw, "change:picture": redraw,
    "change:probabilities": showBars, "change:answer": showAnswer,
  };
  for (const [event, listener] of Object.entries(listeners)) model.on(event, listener);
  const themes = new MutationObserver(redraw);
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name"] });
  redraw();
  showBars();
  showAnswer();
  requestAnimationFrame(redraw); // colours are known only once the pad stands in the page
  return () => {
    themes.disconnect();
    for (const [event, listener] of Object.entries(listeners)) model.off(event, listener);
  };
}

export default { render };
