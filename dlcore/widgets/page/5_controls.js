// What a hand sets: sliders, menus, choices, buttons, a player, text and a file, all of the page's
// own kinds, so that keyboard, finger and screen reader know them.

const PAUSE = 250; // from the start of one tick of the player to that of the next, in ms

const CONTROLS = {
  slider(parent, spec, shell) {
    const row = make(parent, "label", "control dlcore-slider");
    const name = make(row, "span", "label", {}, spec.label);
    const shown = make(name, "output", "value");
    const input = make(row, "input", "range", { type: "range", min: spec.low, max: spec.high,
      step: spec.step, "data-control": spec.name });
    input.addEventListener("input", () => shell.set({ [spec.name]: Number(input.value) }));
    let last = null;
    return (value) => {
      if (Number(input.value) !== value) input.value = value;
      if (value === last) return; // its style is costly, and all sliders are set at each answer
      last = value;
      const share = (100 * (value - spec.low)) / (spec.high - spec.low);
      input.style.setProperty("--dlcore-share", `${within(share, 0, 100)}%`);
      const text = written(value, spec.step);
      say(shown, text);
      input.setAttribute("aria-valuetext", text);
    };
  },

  menu(parent, spec, shell) {
    const row = make(parent, "label", "control");
    make(row, "span", "label", {}, spec.label);
    const input = make(row, "select", "menu", { "data-control": spec.name });
    for (const option of spec.options) make(input, "option", "", {}, option);
    input.addEventListener("change", () => shell.set({ [spec.name]: input.selectedIndex }));
    return (value) => { input.selectedIndex = value; };
  },

  choice(parent, spec, shell) {
    const row = make(parent, "fieldset", "control dlcore-choice");
    make(row, "legend", "label", {}, spec.label);
    const group = `dlcore-${Math.random()}`;
    const inputs = spec.options.map((option, i) => {
      const each = make(row, "label", "option");
      const input = make(each, "input", "", { type: "radio", name: group,
        "data-control": spec.name });
      make(each, "span", "", {}, option);
      input.addEventListener("change", () => shell.set({ [spec.name]: i }));
      return input;
    });
    return (value) => inputs.forEach((input, i) => { input.checked = i === value; });
  },

  button(parent, spec, shell) {
    const button = make(parent, "button", "button", { type: "button", title: spec.tip,
      "data-control": spec.name }, spec.label);
    button.addEventListener("click", () => shell.act(spec.name));
    return () => {};
  },

  // Asks for one tick after the other, until it is pressed again or the model says stop. Who has
  // asked the system for less motion gets one tick a press.
  player(parent, spec, shell) {
    const button = make(parent, "button", "button dlcore-play", { type: "button",
      "data-control": spec.name });
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    let playing = false;
    const word = () => {
      say(button, still.matches ? `${spec.label} one tick` : playing ? "Pause" : spec.label);
      button.title = still.matches
        ? `${spec.tip}; your system asks for less motion, so that each press is one tick`
        : spec.tip;
      button.setAttribute("aria-pressed", playing);
    };
    const stop = () => { playing = false; word(); };
    const play = async () => {
      while (playing) {
        const start = performance.now();
        const { halt } = await shell.act(spec.name);
        if (halt || still.matches || !button.isConnected) return stop();
        await new Promise((go) => setTimeout(go, start + PAUSE - performance.now()));
      }
      return undefined;
    };
    button.addEventListener("click", () => {
      playing = !playing;
      word();
      if (playing) play();
    });
    still.addEventListener("change", word);
    shell.onHalt(stop);
    word();
    return () => {};
  },

  text(parent, spec, shell) {
    const row = make(parent, "label", "control dlcore-wide");
    make(row, "span", "label", {}, spec.label);
    const input = make(row, "textarea", "text", { rows: spec.rows, placeholder: spec.placeholder,
      spellcheck: "false", "data-control": spec.name });
    if (spec.fixed) input.readOnly = true;
    // Sent when it is left, which a click on any button does too.
    else input.addEventListener("change", () => shell.set({ [spec.name]: input.value }));
    return (value) => { if (input.value !== value) input.value = value; };
  },

  file(parent, spec, shell) {
    const row = make(parent, "label", "control dlcore-wide");
    make(row, "span", "label", {}, spec.label);
    const input = make(row, "input", "file", { type: "file", accept: spec.accept,
      "data-control": spec.name });
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (!file) return;
      const text = new TextDecoder().decode(await file.arrayBuffer());
      shell.act(spec.name, { text });
      input.value = "";
    });
    return () => {};
  },

  note(parent) {
    const note = make(parent, "div", "note", { role: "status" });
    return (value) => say(note, value);
  },
};

// A row of controls, or a drawer that opens; gives a function that shows the values of all.
function controls(parent, groups, shell) {
  const setters = [];
  for (const group of groups) {
    let room = make(parent, group.title ? "details" : "div", group.title ? "drawer" : "row");
    if (group.title) {
      make(room, "summary", "", {}, group.title);
      room = make(room, "div", "row");
    }
    for (const spec of group.controls) {
      setters.push([spec, CONTROLS[spec.kind](room, spec, shell), room.lastChild]);
    }
  }
  return (values, hidden) => {
    for (const [spec, set, element] of setters) {
      if (spec.name in values) set(values[spec.name]);
      element.hidden = hidden.includes(spec.name);
    }
  };
}
