// A drag in ovals from x, y for some milliseconds, with a move at every frame of the page.
async ([selector, which, x, y, across, down, time]) => {
  const element = document.querySelectorAll(selector)[which];
  const moved = (kind, clientX, clientY, buttons) => element.dispatchEvent(
    new PointerEvent(kind, { bubbles: true, cancelable: true, pointerId: 1, isPrimary: true,
      pointerType: "mouse", button: kind === "pointermove" ? -1 : 0, buttons, clientX, clientY }));
  const slider = element.type === "range";
  const box = element.getBoundingClientRect();
  const start = performance.now();
  if (!slider) moved("pointerdown", x, y, 1);
  for (;;) {
    const now = await new Promise(requestAnimationFrame);
    if (now - start > time) break;
    const turn = (2 * Math.PI * (now - start)) / 1300;
    const [toX, toY] = [x + across * Math.sin(turn), y + down * (1 - Math.cos(turn))];
    if (slider) {
      const [low, high] = [Number(element.min), Number(element.max)];
      element.value = low + ((toX - box.left) / box.width) * (high - low);
      moved("pointermove", toX, toY, 1);
      element.dispatchEvent(new Event("input", { bubbles: true }));
    } else {
      moved("pointermove", toX, toY, 1);
    }
  }
  if (!slider) moved("pointerup", x, y, 0);
}
