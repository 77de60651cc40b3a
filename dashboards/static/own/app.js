// Behaviour of the frame: menu, drop-downs, search, dialogs, ticking times, refreshing parts, lost connection.
// No inline scripts anywhere; markup asks for behaviour by data attributes, documented in docs/web.md.
(() => {
  "use strict";
  const root = document.documentElement;
  const words = JSON.parse(document.querySelector('meta[name="words"]')?.content || "{}");
  const $ = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // ---- menu on narrow screens
  const side = $("#side");
  function openSide(isOpen) {
    if (!side) return;
    side.classList.toggle("is-open", isOpen);
    $(".menu-open")?.setAttribute("aria-expanded", String(isOpen));
    $(".side-shade")?.remove();
    if (isOpen) {
      const shade = document.createElement("button");
      shade.className = "side-shade";
      shade.setAttribute("aria-label", words.close);
      shade.addEventListener("click", () => openSide(false));
      document.body.append(shade);
      $("a", side)?.focus();
    } else if (side.contains(document.activeElement)) $(".menu-open")?.focus();
  }

  // ---- search box
  const finder = $("#finder");
  const finderInput = $("#finder-input");
  function openFinder() {
    if (!finder || finder.open) return;
    finder.showModal();
    finderInput.select();
  }
  function moveHit(step) {
    const hits = all(".hit", finder);
    if (!hits.length) return;
    const now = hits.findIndex((hit) => hit.getAttribute("aria-selected") === "true");
    const next = (now + step + hits.length) % hits.length;
    hits.forEach((hit, i) => hit.setAttribute("aria-selected", String(i === next)));
    finderInput.setAttribute("aria-activedescendant", hits[next].id);
    hits[next].scrollIntoView({ block: "nearest" });
  }
  finderInput?.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      moveHit(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      const hit = $('.hit[aria-selected="true"]', finder) || $(".hit", finder);
      if (hit) { event.preventDefault(); location.assign(hit.href); }
    }
  });

  // ---- keys
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
    if ((event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !isTyping && !event.ctrlKey)) {
      event.preventDefault();
      openFinder();
    } else if (event.key === "Escape") {
      openSide(false);
      for (const drop of all("details.drop[open]")) { drop.open = false; $("summary", drop).focus(); }
    }
  });

  // ---- one listener for every click
  document.addEventListener("click", (event) => {
    const target = event.target;
    for (const drop of all("details.drop[open]")) if (!drop.contains(target)) drop.open = false;
    if (target.closest(".menu-open")) openSide(true);
    if (target.closest(".side-close")) openSide(false);
    if (target.closest(".finder-open")) openFinder();
    const opener = target.closest("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
    const closer = target.closest("[data-close]");
    if (closer) closer.closest("dialog")?.close();
    if (target.nodeName === "DIALOG") target.close(); // a click on the backdrop
    const copier = target.closest("[data-copy]");
    if (copier) copyText(copier);
    const checker = target.closest("[data-check-all]");
    if (checker) for (const box of all(checker.dataset.checkAll)) box.checked = checker.checked;
  });

  async function copyText(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      const box = Object.assign(document.createElement("textarea"), { value: button.dataset.copy });
      document.body.append(box);
      box.select();
      document.execCommand("copy"); // plain HTTP has no clipboard interface
      box.remove();
    }
    toast(words.copied, "success");
  }

  // ---- short messages
  function toast(text, kind = "info") {
    const box = $(".toasts");
    if (!box || !text) return;
    const note = document.createElement("div");
    note.className = `note note-${kind}`;
    note.setAttribute("role", "status");
    note.textContent = text;
    box.append(note);
    setTimeout(() => note.remove(), 6000);
  }

  // ---- forms: submit on change, no double submit
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    for (const input of all("input, select", form)) // keep URLs of filters short
      if (form.method === "get" && input.name && input.value === "") {
        input.disabled = true;
        setTimeout(() => { input.disabled = false; });
      }
    if (form.method === "post" && !form.hasAttribute("hx-post")) {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "1";
      setTimeout(() => delete form.dataset.sent, 8000);
    }
  });
  window.addEventListener("pageshow", () => { for (const form of all("form[data-sent]")) delete form.dataset.sent; });

  // ---- relative times tick
  const relative = new Intl.RelativeTimeFormat(root.lang, { numeric: "always" });
  function tick() {
    for (const time of all("time[data-relative]")) {
      const seconds = (new Date(time.dateTime) - Date.now() - clockSkew) / 1000;
      const size = Math.abs(seconds);
      const [value, unit] =
        size < 60 ? [seconds, "second"] : size < 3600 ? [seconds / 60, "minute"] : size < 86400 ? [seconds / 3600, "hour"] : [seconds / 86400, "day"];
      const text = size < 5 ? words.now : relative.format(Math.trunc(value), unit);
      if (time.textContent !== text) time.textContent = text;
    }
  }
  // The server's clock counts: office machines are often minutes off
  const clockSkew = Number($('meta[name="now"]')?.content || Date.now()) - Date.now();
  setInterval(() => { if (!document.hidden) tick(); }, 5000);

  // ---- parts that refresh themselves: <div id=".." data-refresh="15"> asks its own page (or data-refresh-url)
  function isBeingUsed(part) {
    const active = document.activeElement;
    const selection = getSelection();
    return (
      (part.contains(active) && active.matches("input, textarea, select")) ||
      (selection && !selection.isCollapsed && part.contains(selection.anchorNode)) ||
      $('details[open], dialog[open], tbody input[type="checkbox"]:checked', part) !== null
    );
  }
  const due = new WeakMap();
  setInterval(() => {
    if (document.hidden || isLost) return;
    for (const part of all("[data-refresh]")) {
      const next = due.get(part) ?? Date.now() + part.dataset.refresh * 1000;
      due.set(part, next);
      if (Date.now() < next || isBeingUsed(part)) continue;
      due.set(part, Date.now() + part.dataset.refresh * 1000);
      htmx.ajax("GET", part.dataset.refreshUrl || location.href, {
        source: part, target: part, select: part.dataset.refreshUrl ? undefined : `#${part.id}`, swap: "morph:outerHTML",
        headers: { "X-Refresh": "1" }, // nobody chose this: lists do not remember it
      }).catch(() => {});
    }
  }, 1000);

  // ---- lost connection
  let isLost = false;
  function setLost(value) {
    if (value === isLost) return;
    isLost = value;
    root.classList.toggle("is-lost", value);
    const banner = $(".banner-lost");
    if (banner) banner.hidden = !value;
    if (!value) toast(words.back, "success");
  }
  async function ping() {
    if (document.hidden) return;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 4000);
    try {
      await fetch("/healthz", { cache: "no-store", signal: stop.signal });
      setLost(false);
    } catch {
      setLost(true);
    } finally {
      clearTimeout(timer);
    }
  }
  setInterval(ping, 5000);
  addEventListener("offline", () => setLost(true));
  addEventListener("online", ping);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { ping(); tick(); } });

  // ---- htmx
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = $('meta[name="csrf-token"]')?.content || "";
  });
  document.addEventListener("htmx:sendError", () => { ping(); });
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 401) location.reload();
    else if (!event.detail.elt.hasAttribute("data-refresh")) toast(words.failed, "danger");
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    tick();
    if (event.target.id === "finder-hits") moveHit(1);
    document.dispatchEvent(new CustomEvent("partchange", { detail: event.target }));
  });
  // The tab that is open stands in sight where tabs do not fit in a row.
  const openTab = $(".tabs [aria-current]");
  if (openTab) openTab.parentElement.scrollLeft = openTab.offsetLeft - openTab.parentElement.offsetLeft - 24;
  window.edunoc = { toast, words, clockSkew };
})();
