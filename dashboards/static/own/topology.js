// The map of a site's network: draws what /data answers with Cytoscape.js, which is fetched when the map comes into view.
// Mouse, touch and keyboard; places are sent back when somebody moves a node. Texts reach a canvas only, never markup.
(() => {
  "use strict";
  const box = document.querySelector("[data-map]");
  if (!box) return;
  const canvas = box.querySelector(".map-canvas");
  const told = box.querySelector(".map-told");
  const waiting = box.querySelector(".map-state");
  const tip = box.querySelector(".map-tip");
  const words = JSON.parse(box.dataset.words);
  const canMove = box.hasAttribute("data-can-move");
  const WIDTH = 212, HEIGHT = 46, BUS = 24, TRUNK = 13, STEP = 16, REFRESH_MS = 30000;
  const opened = new Set();
  let cy = null, sprite = new Map(), chosen = "", unsaved = new Map(), saveTimer = 0;

  // ---- colours and icons follow the theme
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  function plain(text) { // any colour of CSS as rgb(): the drawing library knows no oklch
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = text;
    pen.fillRect(0, 0, 1, 1);
    return `rgb(${[...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).join(",")})`;
  }
  const colour = (name) => plain(getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || "#888");
  const surface = () => plain(getComputedStyle(box).backgroundColor);
  async function loadSprite() {
    const text = await (await fetch(box.dataset.icons)).text();
    for (const symbol of new DOMParser().parseFromString(text, "image/svg+xml").querySelectorAll("symbol"))
      sprite.set(symbol.id, symbol.innerHTML);
  }
  const images = new Map();
  function image(name, ink) {
    const key = `${name}|${ink}`;
    if (!images.has(key)) {
      const body = sprite.get(name) || "";
      images.set(key, "data:image/svg+xml;utf8," + encodeURIComponent(
        `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="${ink}" ` +
        `stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round">${body}</svg>`));
    }
    return images.get(key);
  }
  function cut(text, font, width) {
    pen.font = font;
    if (pen.measureText(text).width <= width) return text;
    let end = text.length;
    while (end > 1 && pen.measureText(`${text.slice(0, end)}…`).width > width) end -= 1;
    return `${text.slice(0, end)}…`;
  }
  const family = () => getComputedStyle(document.body).fontFamily;

  // ---- how nodes and lines look: shape, border and icon say what the colour says
  function style() {
    const ink = colour("ink"), soft = colour("ink-soft"), ground = surface(), line = colour("line");
    const tone = (name, width, kind) => ({
      selector: `node[tone="${name}"]`,
      style: { "border-color": colour(name), "border-width": width, "border-style": kind, "background-color": colour(`${name}-soft`) },
    });
    return [
      { selector: "node", style: {
        shape: "round-rectangle", width: WIDTH, height: HEIGHT, "background-color": ground, "border-width": 1.5, "border-color": line,
        label: "data(text)", "text-wrap": "wrap", "text-max-width": 1000, "text-halign": "right", "text-valign": "center",
        "text-margin-x": 38 - WIDTH, "text-justification": "left", "font-size": 13, "line-height": 1.3, "font-family": family(), color: ink,
        "min-zoomed-font-size": 5, "background-image": (n) => [image(n.data("icon"), ink), image(n.data("stateIcon"), mark(n))],
        "background-width": ["20px", "18px"], "background-height": ["20px", "18px"], "background-position-x": ["10px", `${WIDTH - 27}px`],
        "background-position-y": ["50%", "50%"], "background-fit": ["none", "none"], "background-clip": ["none", "none"],
      } },
      tone("good", 1.5, "solid"), tone("attention", 2.5, "solid"), tone("down", 3.5, "double"), tone("unknown", 2, "dashed"), tone("maintenance", 2.5, "solid"),
      { selector: 'node[tone="good"]', style: { "background-color": ground } },
      { selector: 'node[what="group"]', style: { ghost: "yes", "ghost-offset-x": 5, "ghost-offset-y": 5, "ghost-opacity": 0.45 } },
      { selector: 'node[what="hub"]', style: { "border-style": "dashed", "border-color": soft, "border-width": 2, "background-color": colour("unknown-soft") } },
      { selector: 'node[what="found"]', style: { shape: "cut-rectangle", "border-style": "dashed", "border-color": colour("info"), "border-width": 2, "background-color": colour("info-soft") } },
      { selector: "edge", style: {
        width: 1.75, "line-color": soft, "curve-style": "straight", "segment-radii": 7, "font-size": 11, color: ink,
        "font-family": family(), "target-label": "data(label)", "target-text-offset": 18, "text-background-color": colour("ground"), "text-background-opacity": 1,
        "text-background-padding": 2, "min-zoomed-font-size": 6,
      } },
      { selector: "edge[?isInferred]", style: { "line-style": "dashed", "line-dash-pattern": [7, 5] } },
      { selector: "edge[!isCurrent]", style: { "line-style": "dotted", opacity: 0.45 } },
      { selector: 'edge[form="cross"]', style: { "curve-style": "unbundled-bezier", "edge-distances": "intersection", "control-point-distances": 46, "control-point-weights": 0.5, "target-label": "", label: "data(label)" } },
      { selector: "edge[used>=0.8]", style: { width: 4, "line-color": colour("attention") } },
      { selector: "edge[used>=0.95]", style: { width: 6, "line-color": colour("down") } },
      { selector: ".is-faded", style: { opacity: 0.28 } },
      { selector: "node.is-dark", style: { "border-color": colour("down"), "border-width": 3, "border-style": "dashed" } },
      { selector: "edge.is-dark", style: { "line-color": colour("down"), width: 3, opacity: 1 } },
      { selector: ".is-chosen", style: { "underlay-color": colour("tblr-primary"), "underlay-opacity": 0.45, "underlay-padding": 6, "underlay-shape": "round-rectangle" } },
      { selector: "node:active", style: { "overlay-opacity": 0 } },
    ];
  }
  const mark = (node) => colour({ unwatched: "ink-soft" }[node.data("tone")] || node.data("tone"));

  // ---- lines: down to a bus, along it, down again; into a stack from its left
  function route(edge) {
    const form = edge.data("form"), s = edge.source().position(), t = edge.target().position();
    if (form === "cross") return;
    const from = { x: s.x, y: s.y + HEIGHT / 2 };
    const isBelow = t.y - s.y > HEIGHT + 8;
    const to = form === "leaf" ? { x: t.x - WIDTH / 2, y: t.y } : { x: t.x, y: t.y - HEIGHT / 2 };
    if (!isBelow) return edge.style({ "curve-style": "straight", "edge-distances": "intersection", "source-endpoint": "outside-to-node", "target-endpoint": "outside-to-node" });
    const bus = from.y + BUS, far = edge.data("trunk"), trunk = to.x - TRUNK, last = to.y - BUS;
    let bends = far !== null && far !== undefined && last > bus ? [{ x: s.x, y: bus }, { x: far, y: bus }, { x: far, y: last }, { x: to.x, y: last }]
      : form === "leaf" ? [{ x: s.x, y: bus }, { x: trunk, y: bus }, { x: trunk, y: to.y }] : [{ x: s.x, y: bus }, { x: to.x, y: bus }];
    bends = bends.filter((p, i) => i === 0 || Math.hypot(p.x - bends[i - 1].x, p.y - bends[i - 1].y) > 1);
    const dx = to.x - from.x, dy = to.y - from.y, length = Math.hypot(dx, dy) || 1;
    edge.style({
      "curve-style": "round-segments", "edge-distances": "endpoints", "source-endpoint": `0 ${HEIGHT / 2}`,
      "target-endpoint": form === "leaf" ? `${-WIDTH / 2} 0` : `0 ${-HEIGHT / 2}`,
      "segment-weights": bends.map((p) => ((p.x - from.x) * dx + (p.y - from.y) * dy) / (length * length)),
      "segment-distances": bends.map((p) => ((p.x - from.x) * -dy + (p.y - from.y) * dx) / length),
    });
  }

  // ---- from data to elements
  function nodeData(node) {
    const font = `13px ${family()}`;
    const lines = [cut(node.label, font, WIDTH - 72), node.sub && cut(node.sub, font, WIDTH - 72)];
    return { ...node, id: node.key, text: lines.filter(Boolean).join("\n") };
  }
  const edgeData = (edge) => ({ ...edge, id: `e|${edge.key}`, source: edge.upper, target: edge.lower });
  function elements(scene) {
    const keys = new Set(scene.nodes.map((node) => node.key));
    return [
      ...scene.nodes.map((node) => ({ group: "nodes", data: nodeData(node), position: { x: node.x, y: node.y } })),
      ...scene.edges.filter((edge) => keys.has(edge.upper) && keys.has(edge.lower)).map((edge) => ({ group: "edges", data: edgeData(edge) })),
    ];
  }
  async function read() {
    const query = new URLSearchParams([...opened].map((key) => ["open", key]));
    const answer = await fetch(`${box.dataset.map}?${query}`, { headers: { "X-Refresh": "1" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }
  async function draw(isFirst) {
    const scene = await read();
    cy.batch(() => {
      cy.elements().remove();
      cy.add(elements(scene));
    });
    cy.edges().forEach(route);
    if (isFirst) firstLook();
    const wanted = decodeURIComponent(location.hash.slice(1));
    if (isFirst && wanted && cy.getElementById(wanted).nonempty()) show(wanted);
    if (chosen && cy.getElementById(chosen).empty()) choose("");
    else if (chosen) choose(chosen, true);
    waiting.hidden = true;
    box.dataset.ready = String(Number(box.dataset.ready || 0) + 1);
  }
  async function refresh() {
    if (document.hidden || !cy || unsaved.size || cy.nodes(":grabbed").nonempty()) return;
    const scene = await read().catch(() => null);
    if (!scene) return;
    const before = cy.elements().map((one) => one.id()).sort().join("\n");
    const after = elements(scene).map((one) => one.data.id).sort().join("\n");
    if (before !== after) {
      cy.batch(() => { cy.elements().remove(); cy.add(elements(scene)); });
      if (chosen && cy.getElementById(chosen).empty()) choose("");
    } else {
      cy.batch(() => { for (const one of elements(scene)) cy.getElementById(one.data.id).data(one.data); });
      for (const one of scene.nodes) cy.getElementById(one.key).position({ x: one.x, y: one.y });
    }
    cy.edges().forEach(route);
  }
  function firstLook() {
    cy.fit(undefined, 28);
    if (cy.zoom() > 1) { cy.zoom(1); cy.center(); }
    cy.panBy({ x: 0, y: Math.min(0, 28 - cy.elements().renderedBoundingBox().y1) });
    if (cy.zoom() < 0.55) {
      const all = cy.elements().boundingBox(), top = cy.nodes().reduce((best, n) => (n.position("y") < best.position("y") ? n : best), cy.nodes()[0]);
      cy.zoom(0.55);
      cy.pan({ x: cy.width() / 2 - top.position("x") * 0.55, y: 28 - all.y1 * 0.55 });
    }
  }

  // ---- who goes dark with whom
  function darkWith(key) {
    const below = new Map();
    cy.nodes().forEach((n) => { const up = n.data("darkWith"); if (up) below.set(up, [...(below.get(up) || []), n.id()]); });
    const found = [], todo = [...(below.get(key) || [])];
    while (todo.length) { const one = todo.pop(); found.push(one); todo.push(...(below.get(one) || [])); }
    return found;
  }
  function lightUp(key) {
    cy.elements().removeClass("is-dark is-faded");
    const node = key ? cy.getElementById(key) : null;
    if (!node || node.empty()) return say(words.hint);
    const dark = darkWith(key);
    if (dark.length) {
      const hit = cy.collection(dark.map((one) => cy.getElementById(one)));
      hit.addClass("is-dark");
      const lines = hit.union(node).edgesWith(hit.union(node));
      lines.addClass("is-dark");
      cy.elements().not(hit).not(node).not(lines).addClass("is-faded");
    }
    const count = dark.reduce((sum, one) => sum + cy.getElementById(one).data("size"), 0);
    const state = [node.data("label"), node.data("state")].join(": ");
    say(`${state}. ${count ? words.dark.replace("{count}", count) : words.alone}`);
  }
  function say(text) { if (told.textContent !== text) told.textContent = text; }

  // ---- choosing: panel, ring
  function choose(key, isQuiet) {
    chosen = key;
    cy.elements().removeClass("is-chosen");
    if (key) cy.getElementById(key).addClass("is-chosen");
    lightUp(key);
    const panel = document.getElementById("map-panel");
    if (isQuiet || !panel) return;
    if (!key) { panel.replaceChildren(document.importNode(document.getElementById("map-hint").content, true)); return; }
    htmx.ajax("GET", `${box.dataset.node}?key=${encodeURIComponent(key)}`, { target: panel, swap: "innerHTML" }).catch(() => {});
  }
  function towards(dx, dy) {
    const from = cy.getElementById(chosen);
    if (!chosen || from.empty()) { const first = cy.nodes().sort((a, b) => a.position("y") - b.position("y"))[0]; if (first) show(first.id()); return; }
    const p = from.position();
    let best = null, least = Infinity;
    cy.nodes().forEach((n) => {
      const x = n.position("x") - p.x, y = n.position("y") - p.y, along = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
      if (along > 1 && along + aside * 2 < least) { least = along + aside * 2; best = n; }
    });
    if (best) show(best.id());
  }
  function show(key) {
    choose(key);
    const at = cy.getElementById(key).renderedBoundingBox();
    if (at.x1 < 0 || at.y1 < 0 || at.x2 > cy.width() || at.y2 > cy.height()) cy.center(cy.getElementById(key));
  }

  // ---- moving
  function moved(node) {
    unsaved.set(node.id(), [Math.round(node.position("x") * 10) / 10, Math.round(node.position("y") * 10) / 10]);
    clearTimeout(saveTimer);
    saveTimer = setTimeout(save, 500);
  }
  async function post(url, content) {
    const answer = await fetch(url, {
      method: "POST", body: JSON.stringify(content || {}),
      headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }
  async function save() {
    const places = Object.fromEntries(unsaved);
    unsaved = new Map();
    try {
      await post(box.dataset.places, { places });
      box.dataset.saved = String(Number(box.dataset.saved || 0) + 1);
      say(words.kept);
    } catch { window.edunoc.toast(words.failed, "danger"); }
  }
  async function arrange() {
    clearTimeout(saveTimer);
    unsaved = new Map();
    try {
      const { places } = await post(box.dataset.arrange);
      await draw(true);
      if (Object.keys(places).length) offerUndo(places);
      else say(words.arranged);
    } catch { window.edunoc.toast(words.failed, "danger"); }
  }
  function offerUndo(places) {
    const undo = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: words.undo });
    undo.addEventListener("click", async () => {
      try { await post(box.dataset.places, { places }); await draw(true); say(words.undone); } catch { window.edunoc.toast(words.failed, "danger"); }
    });
    told.replaceChildren(`${words.arranged} `, undo);
    undo.focus();
  }

  // ---- hands
  async function open(key) {
    opened.add(key);
    if (chosen === key) chosen = "";
    await draw(false).catch(() => window.edunoc.toast(words.failed, "danger"));
    choose("");
  }
  const zoom = (factor) => cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  const deeds = {
    in: () => zoom(1.25), out: () => zoom(0.8), fit: () => cy.fit(undefined, 28), arrange,
    close: async () => { opened.clear(); await draw(true).catch(() => {}); },
  };
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-deed]");
    if (button && cy) deeds[button.dataset.deed]();
    const opener = event.target.closest("[data-open-group]");
    if (opener && cy) open(opener.dataset.openGroup);
    const finder = event.target.closest("[data-show-node]");
    if (finder && cy) { show(finder.dataset.showNode); canvas.focus({ preventScroll: true }); }
  });
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (!cy || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    const node = chosen ? cy.getElementById(chosen) : null;
    if (arrow && event.shiftKey) {
      if (!canMove || !node || node.empty()) return say(words.chooseFirst);
      node.shift({ x: arrow[0] * STEP, y: arrow[1] * STEP });
      moved(node);
    } else if (arrow) towards(...arrow);
    else if (event.key === "+" || event.key === "=") zoom(1.25);
    else if (event.key === "-") zoom(0.8);
    else if (event.key === "0") deeds.fit();
    else if (event.key === "Escape") choose("");
    else if (event.key === "Enter" && node && node.nonempty()) {
      if (node.data("what") === "group") open(node.id());
      else document.querySelector("#map-panel a, #map-panel button")?.focus();
    } else return;
    event.preventDefault();
  });
  // The wheel scrolls the page until the map is in use
  canvas.addEventListener("focus", () => cy?.userZoomingEnabled(true));
  canvas.addEventListener("blur", () => cy?.userZoomingEnabled(matchMedia("(pointer: coarse)").matches));

  function listen() {
    cy.on("tap", (event) => { canvas.focus({ preventScroll: true }); if (event.target === cy) choose(""); });
    cy.on("tap", "node", (event) => choose(event.target.id()));
    cy.on("dbltap", 'node[what="group"]', (event) => open(event.target.id()));
    cy.on("mouseover", "node", (event) => { canvas.classList.add("is-over"); lightUp(event.target.id()); });
    cy.on("mouseout", "node", () => { canvas.classList.remove("is-over"); lightUp(chosen); });
    cy.on("position", "node", (event) => event.target.connectedEdges().forEach(route));
    cy.on("dragfree", "node", (event) => moved(event.target));
    cy.on("mouseover mousemove", "edge", (event) => {
      if (!event.target.data("title")) return;
      tip.textContent = event.target.data("title");
      tip.hidden = false;
      tip.style.left = `${Math.min(event.renderedPosition.x + 12, cy.width() - tip.offsetWidth - 4)}px`;
      tip.style.top = `${event.renderedPosition.y + 14}px`;
    });
    cy.on("mouseout", "edge", () => { tip.hidden = true; });
  }
  function loadScript() {
    return new Promise((resolve, reject) => {
      document.head.append(Object.assign(document.createElement("script"), { src: box.dataset.script, onload: resolve, onerror: reject }));
    });
  }
  async function begin() {
    try {
      await Promise.all([loadScript(), loadSprite(), document.fonts?.ready]);
      cy = window.cytoscape({
        container: canvas, style: style(), layout: { name: "preset" }, minZoom: 0.12, maxZoom: 2.5, boxSelectionEnabled: false,
        autoungrabify: !canMove, userZoomingEnabled: matchMedia("(pointer: coarse)").matches, selectionType: "single",
      });
      window.edunocMap = cy;
      listen();
      await draw(true);
      document.documentElement.addEventListener("themechange", () => { images.clear(); cy.style(style()); cy.edges().forEach(route); });
      setInterval(refresh, REFRESH_MS);
    } catch { waiting.textContent = words.failed; }
  }
  new IntersectionObserver((entries, watcher) => {
    if (entries.some((entry) => entry.isIntersecting)) { watcher.disconnect(); begin(); }
  }, { rootMargin: "200px" }).observe(box);
})();
