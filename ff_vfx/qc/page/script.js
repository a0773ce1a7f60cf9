"use strict";
(() => {
  const root = document.documentElement;
  const all = (name, within = document) => [...within.querySelectorAll(name)];

  const theme = document.getElementById("theme");
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; });

  // Curves: the frame under the pointer, or the next one by arrow keys, with its value in words.
  for (const curve of all(".curve")) {
    const points = all("circle", curve), cursor = curve.querySelector(".cursor");
    const value = curve.parentElement.querySelector(".value");
    let at = -1;
    const show = (index) => {
      at = Math.max(0, Math.min(points.length - 1, index));
      const point = points[at], x = point.getAttribute("cx");
      cursor.setAttribute("x1", x);
      cursor.setAttribute("x2", x);
      curve.classList.add("shown");
      value.textContent = point.dataset.text;
    };
    curve.addEventListener("pointermove", (event) => {
      const box = curve.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width * curve.viewBox.baseVal.width;
      let nearest = 0;
      points.forEach((point, index) => {
        const far = (p) => Math.abs(p.getAttribute("cx") - x);
        if (far(point) < far(points[nearest])) nearest = index;
      });
      show(nearest);
    });
    curve.addEventListener("pointerleave", () => { curve.classList.remove("shown"); value.textContent = value.dataset.rest; });
    curve.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) { event.preventDefault(); show(at + step); }
    });
    curve.addEventListener("focus", () => show(Math.max(at, 0)));
  }

  // Pictures, larger.
  const dialog = document.getElementById("large");
  for (const button of all("figure button")) {
    button.addEventListener("click", () => {
      dialog.querySelector("img").src = button.querySelector("img").src;
      dialog.querySelector("p").textContent = button.querySelector("img").alt;
      dialog.showModal();
    });
  }
  dialog.addEventListener("click", () => dialog.close());

  // Two versions: wipe, flip, next frame.
  const wipe = document.getElementById("wipe");
  if (!wipe) return;
  const slider = document.getElementById("slider"), flip = document.getElementById("flip");
  const pairs = all("[data-frame]", document.getElementById("pairs")), choices = all("#choices button");
  let shown = 0;
  const wiping = () => wipe.classList.remove("flipped", "plain");
  slider.addEventListener("input", () => { wiping(); wipe.style.setProperty("--at", slider.value + "%"); });
  const toggle = () => {
    const over = !wipe.classList.contains("flipped");
    wipe.classList.toggle("flipped", over);
    wipe.classList.toggle("plain", !over);
    flip.textContent = over ? "Flip: this version" : "Flip: previous version";
  };
  const choose = (index) => {
    shown = (index + pairs.length) % pairs.length;
    const [before, after] = all("img", pairs[shown]);
    const [under, over] = all("img", wipe);
    under.src = before.src; under.alt = before.alt; over.src = after.src; over.alt = after.alt;
    choices.forEach((choice, at) => choice.setAttribute("aria-current", String(at === shown)));
  };
  flip.addEventListener("click", toggle);
  choices.forEach((choice, index) => choice.addEventListener("click", () => choose(index)));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (event.key === "f" || event.key === "F") toggle();
    if (event.key === "[") choose(shown - 1);
    if (event.key === "]") choose(shown + 1);
  });
  choose(0);
})();
