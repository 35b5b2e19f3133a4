// Times, in the page itself, from what a hand does to the first picture that has changed. A picture
// is taken for seen at the end of the frame after the change. The dot that is dragged does not count:
// it follows the hand by itself, before the model has answered.
(selector) => {
  const watch = { inputs: [], pictures: [], waiting: false };
  window.dlcoreWatch = watch;
  const root = document.querySelector(selector);
  const noted = (event) => watch.inputs.push(event.timeStamp);
  for (const kind of ["keydown", "pointerdown", "pointermove"]) {
    window.addEventListener(kind, noted, true);
  }
  const own = ({ target }) => target.closest?.("[data-kind=handle]");
  const seen = new MutationObserver((changes) => {
    if (watch.waiting || changes.every(own)) return;
    watch.waiting = true;
    requestAnimationFrame(() => setTimeout(() => {
      watch.waiting = false;
      watch.pictures.push(performance.now());
    }));
  });
  seen.observe(root, { subtree: true, childList: true, attributes: true,
    attributeFilter: ["d", "href", "src", "cx", "cy", "x1", "y1", "stroke-width", "transform"] });
  watch.end = () => {
    seen.disconnect();
    for (const kind of ["keydown", "pointerdown", "pointermove"]) {
      window.removeEventListener(kind, noted, true);
    }
  };
}
