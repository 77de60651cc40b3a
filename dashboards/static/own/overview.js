// Wall board: turns its pages by itself and keeps the clock. Space or a click holds the page; the arrows turn it.
(() => {
  "use strict";
  const wall = document.querySelector("[data-wall]");
  if (!wall) return;
  let isHeld = false;
  const pages = () => Number(wall.querySelector("[data-pages]")?.dataset.pages || 1);
  function turn(step) {
    const count = Math.max(1, pages());
    wall.dataset.at = String(((Number(wall.dataset.at) - 1 + step + count) % count) + 1);
  }
  setInterval(() => { if (!isHeld && !document.hidden) turn(1); }, Number(wall.dataset.seconds || 15) * 1000);
  document.addEventListener("keydown", (event) => {
    if (event.key === " ") { isHeld = !isHeld; wall.classList.toggle("is-held", isHeld); event.preventDefault(); }
    else if (event.key === "ArrowRight") turn(1);
    else if (event.key === "ArrowLeft") turn(-1);
  });
  const zone = document.querySelector('meta[name="zone"]')?.content;
  const form = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  function clock() {
    const face = wall.querySelector("[data-clock]");
    const text = form.format(Date.now() + (window.edunoc?.clockSkew || 0));
    if (face && face.textContent !== text) face.textContent = text;
    if (Number(wall.dataset.at) > pages()) wall.dataset.at = "1"; // pages became fewer
  }
  clock();
  setInterval(clock, 1000);
})();
