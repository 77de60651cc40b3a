// Device page: which socket is looked at, and taking away an answer that was read.
(() => {
  "use strict";
  let chosen = "";
  const mark = () => { for (const one of document.querySelectorAll(".socket")) one.classList.toggle("is-chosen", one.id === chosen); };
  document.addEventListener("click", (event) => {
    const closer = event.target.closest?.("[data-remove]");
    if (closer) document.querySelector(closer.dataset.remove)?.remove();
    const socket = event.target.closest?.(".socket");
    if (socket) { chosen = socket.id; mark(); }
  });
  document.addEventListener("partchange", mark); // a refreshed panel knows nothing of the choice
})();
