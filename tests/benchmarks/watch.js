// Times, in the page itself, from what a hand does to the first picture that has changed. A picture
// is taken for seen at the end of the frame that paints it, and there is one a frame at most. The dot
// that is dragged does not count: it follows the hand by itself, before the model has answered.
(selector) => {
  const watch = { inputs: [], pictures: [], waiting: false };
  window.dlcoreWatch = watch;
  const root = document.querySelector(selector);
  const noted = (event) => watch.inputs.push(event.timeStamp);
  for (const kind of ["keydown", "pointerdown", "pointermove"]) {
    window.addEventListener(kind, noted, true);
  }
  let painting = false; // whether this frame is still to be painted
  let going = true;
  const frame = () => {
    painting = true;
    setTimeout(() => { painting = false; });
    if (going) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const own = ({ target }) => target.closest?.("[data-kind=handle]");
  const seen = new MutationObserver((changes) => {
    if (watch.waiting || changes.every(own)) return;
    watch.waiting = true;
    const painted = () => setTimeout(() => {
      watch.waiting = false;
      watch.pictures.push(performance.now());
    });
    if (painting) painted();
    else requestAnimationFrame(painted);
  });
  seen.observe(root, { subtree: true, childList: true, attributes: true,
    attributeFilter: ["d", "href", "src", "cx", "cy", "x1", "y1", "stroke-width", "transform"] });
  watch.end = () => {
    going = false;
    seen.disconnect();
    for (const kind of ["keydown", "pointerdown", "pointermove"]) {
      window.removeEventListener(kind, noted, true);
    }
  };
}
