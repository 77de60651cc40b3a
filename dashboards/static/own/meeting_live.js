// The live board of a meeting: asks each one and a half seconds what changed and shows it without moving what is being read.
// Rows change in place at once; their order only while nobody points at the list, scrolls or has something chosen.
(() => {
  "use strict";
  const live = document.querySelector("[data-live]");
  if (!live) return;
  const EVERY = 1500, STALE = 12, READING = 4000;
  const words = (name) => JSON.parse(live.dataset[name] || "{}");
  const states = words("states"), marks = words("marks"), tones = words("tones"), texts = words("texts");
  const part = (name) => live.querySelector(`[data-${name}]`);
  const mayControl = "control" in live.dataset;
  const known = { rows: {}, names: {}, counts: {}, groups: [], bridges: [], agenda: {}, source: {}, findings: [], air: [] };
  const items = new Map(); // endpoint -> {node, signature, isRow}
  const chosen = new Set();
  const remedyOf = { wan: "small_picture", lan: "small_picture", weak: "small_picture", fallback: "small_picture", bridge: "move" };
  let version = "", at = 0, isAsking = false, only = null, filter = "", wantsSort = true, touched = 0, opened = 0;

  function make(tag, className, ...inside) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    node.append(...inside.filter((one) => one !== null && one !== undefined && one !== ""));
    return node;
  }
  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${live.dataset.icons}#${name}`);
    svg.append(use);
    return svg;
  }
  const time = (seconds) => new Intl.DateTimeFormat(document.documentElement.lang, {
    timeZone: document.querySelector('meta[name="zone"]')?.content, hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).format(seconds * 1000);

  // ---- rows
  const TROUBLE = ["down", "attention", "minor"];
  const isRow = (row) => TROUBLE.includes(row[1]);
  function draw(id) {
    const row = known.rows[id], name = known.names[id] || ["?", "", ""];
    const signature = JSON.stringify([row, name]);
    let item = items.get(id);
    const wanted = isRow(row);
    if (item && item.signature === signature) return;
    if (!item) {
      item = { node: make("li"), isRow: wanted };
      item.node.dataset.id = id;
      items.set(id, item);
      wantsSort = true;
    }
    if (item.signature && JSON.parse(item.signature)[0][0] !== row[0]) wantsSort = true;
    if (item.isRow !== wanted) wantsSort = true; // it moves between the lists at the next sorting
    item.signature = signature;
    fill(item.node, id, row, name);
  }
  function fill(node, id, row, name) {
    const [, tone, state, , why, rowMarks, figures, incident] = row;
    node.className = `live-row live-${tone}`;
    const button = make("button", "live-open", make("span", `live-name`, icon(tones[tone] || "circle-dashed"), name[0]));
    button.type = "button";
    button.title = name[1];
    const said = make("span", "live-state", states[state]?.[1] || state, ...(rowMarks || []).map((mark) => make("span", "live-mark", icon(marks[mark][0]), marks[mark][1])));
    button.append(said);
    if (isRow(row)) {
      button.append(make("span", "live-why", why || ""), make("span", "live-figures num", figures || ""));
    }
    const inside = [button];
    if (isRow(row) && mayControl) {
      const box = make("input", "form-check-input");
      box.type = "checkbox";
      box.checked = chosen.has(id);
      box.setAttribute("aria-label", `${texts.choose}: ${name[0]}`);
      inside.unshift(box);
    }
    if (incident && isRow(row)) {
      const link = make("a", "live-incident", icon("alert-octagon"), texts.incident);
      link.href = `/incidents/${incident}`;
      inside.push(link);
    }
    const focused = node.contains(document.activeElement) ? document.activeElement.className : "";
    node.replaceChildren(...inside);
    if (focused) node.querySelector(`.${focused.split(" ")[0]}`)?.focus({ preventScroll: true });
  }
  const fits = (id) => (!only || only.has(Number(id))) && (!filter || (known.names[id] || []).join(" ").toLowerCase().includes(filter));
  function sort() {
    const rows = part("rows"), tiles = part("tiles");
    const order = Object.keys(known.rows).filter(fits).sort((a, b) => known.rows[a][0] - known.rows[b][0] || position(a) - position(b));
    const inRows = [], inTiles = [];
    for (const id of order) {
      const item = items.get(id);
      item.isRow = isRow(known.rows[id]);
      (item.isRow ? inRows : inTiles).push(item.node);
    }
    if (!inRows.length) inRows.push(make("li", "live-none", icon(order.length || !filter ? "circle-check" : "filter"), order.length || !filter ? texts.well : texts.nothing));
    rows.replaceChildren(...inRows);
    tiles.replaceChildren(...inTiles);
    tiles.hidden = !inTiles.length;
    wantsSort = false;
    part("sort").hidden = true;
  }
  const places = new Map();
  function position(id) {
    if (!places.has(id)) places.set(id, places.size);
    return places.get(id);
  }
  function isReading() {
    const list = part("rows").parentElement, selection = getSelection();
    return Date.now() - touched < READING || chosen.size > 0 || list.contains(document.activeElement) ||
      (selection && !selection.isCollapsed && list.contains(selection.anchorNode));
  }
  for (const name of ["pointermove", "pointerdown", "wheel", "touchmove", "keydown"])
    part("rows").parentElement.addEventListener(name, () => { touched = Date.now(); }, { passive: true });
  addEventListener("scroll", () => { touched = Date.now(); }, { passive: true });

  // ---- the parts above and beside
  function drawCounts() {
    const all = known.counts;
    part("counts").replaceChildren(...texts.counts.filter(([name]) => name === "in" || all[name] || name === "lost" || name === "late").map(([name, tone, picture, label]) =>
      make("div", `live-count tone-${all[name] || name === "in" ? tone : "idle"}`, make("span", "live-number", icon(picture), String(all[name] ?? 0), name === "in" ? make("small", "", ` ${texts.all} ${all.all ?? 0}`) : ""), make("span", "", label))));
  }
  function drawAgenda() {
    const box = part("agenda");
    box.replaceChildren();
    for (const name of ["now", "next"]) {
      const item = known.agenda[name];
      if (!item) continue;
      const isLate = name === "next" && item.id && item.tone === "down";
      const who = item.id ? button(item.who, () => open(item.id)) : make("span", "", texts.nobody);
      box.append(make("div", `live-item ${isLate ? "live-alarm" : ""}`, icon(name === "now" ? "speakerphone" : "chevron-right"),
        make("b", "", `${texts[name]} ${time(item.at)}–${time(item.until)}`), make("span", "", item.title), who,
        item.state ? make("span", `tone-${item.tone}`, item.state) : "", isLate ? make("strong", "tone-down", texts.notready) : ""));
    }
    box.hidden = !box.childElementCount;
  }
  function button(text, act, className = "live-link") {
    const node = make("button", className, text);
    node.type = "button";
    node.addEventListener("click", act);
    return node;
  }
  function drawGroups() {
    const list = part("groups");
    list.replaceChildren(...known.groups.map((group) => {
      const inside = [make("span", `live-group-count tone-${group.tone}`, icon(tones[group.tone]), String(group.count)),
        make("div", "live-group-text", make("strong", "", group.title), make("span", "", group.text))];
      const isOnly = only && only.key === group.key;
      const deeds = make("span", "live-deeds", button(isOnly ? texts.all_again : texts.show, () => show(isOnly ? null : group), "btn btn-sm"));
      const word = remedyOf[group.key.split("|")[0]] || "rejoin";
      if (mayControl && !["power", "line", "unheard", "computer"].includes(group.key.split("|")[0])) deeds.append(button(texts.remedy, () => remedy(word, group.ids), "btn btn-sm"));
      if (group.incident) {
        const link = make("a", "btn btn-sm", icon("alert-octagon"), texts.incident);
        link.href = `/incidents/${group.incident}`;
        deeds.append(link);
      }
      return make("li", `live-group live-${group.tone}`, ...inside, deeds);
    }));
    if (!known.groups.length) list.append(make("li", "live-none", icon("circle-check"), texts.well));
  }
  function show(group) {
    only = group ? Object.assign(new Set(group.ids), { key: group.key }) : null;
    drawGroups();
    sort();
  }
  function drawBridges() {
    const bars = known.bridges.map((one) => {
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.value = Math.min(one.load ?? 0, 1);
      bar.className = `bar-${one.tone}`;
      const soon = one.forecast !== null && one.load !== null && one.forecast - one.load > 0.02 ? ` → ${Math.round(one.forecast * 100)} % ${texts.forecast}` : "";
      return make("li", "", make("div", "", make("b", "", one.name), make("span", `tone-${one.tone}`, one.text + soon)), bar, make("small", "", `${one.here} ${texts.here}`));
    });
    part("bridges").replaceChildren(...(bars.length ? bars : [make("li", "live-none", texts.no_bridges)]));
  }
  function drawFindings() {
    part("findings").replaceChildren(...known.findings.map((text) => make("li", "", icon("shield-lock"), text)));
    part("findings-card").hidden = !known.findings.length;
  }
  let airShown = "";
  function drawAir() {
    const lasting = (one) => one.since && one.deed.startsWith("stop") ? texts.since.replace("{at}", time(one.since)).replace("{min}", Math.max(0, Math.floor((Date.now() / 1000 - one.since) / 60))) : "";
    const signature = JSON.stringify([known.air, known.air.map(lasting)]);
    if (signature === airShown) return;
    airShown = signature;
    part("air").replaceChildren(...known.air.map((one) => {
      const line = make("li", `live-air-${one.tone}`, icon(one.kind === "stream" ? "broadcast" : "video"), make("b", "", one.title),
        make("span", `tone-${one.tone}`, icon(one.icon), one.word), lasting(one) ? make("span", "text-secondary", lasting(one)) : "", make("span", "live-air-text", one.text));
      if (one.finding) line.setAttribute("role", "alert");
      if (one.deed && mayControl) {
        const link = make("a", "btn btn-sm", `${one.label}…`);
        link.href = `${live.dataset.base}/control#recorders`;
        line.append(link);
      }
      return line;
    }));
    part("air").hidden = !known.air.length;
  }
  function drawWarning() {
    const age = known.source.age, isOld = age !== null && age !== undefined && age >= 120;
    const deaf = known.source.deaf;
    part("warn").replaceChildren(...(deaf ? [icon("network-off"), texts.deaf.replace("{s}", deaf)] : isOld ? [icon("clock"), texts.source.replace("{s}", age)] : []));
  }

  // ---- the feed
  async function ask() {
    if (isAsking || document.hidden) return;
    isAsking = true;
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), 8000);
    try {
      const answer = await fetch(`${live.dataset.live}?v=${version}`, { signal: stop.signal, headers: { "X-Refresh": "1" }, cache: "no-store" });
      if (answer.redirected || answer.status === 401 || answer.status === 403) return location.reload();
      if (answer.ok) take(await answer.json());
    } catch { /* the frame tells that the connection is lost */ } finally {
      clearTimeout(timer);
      isAsking = false;
    }
  }
  function take(news) {
    if (news.full) { known.rows = {}; known.names = {}; items.clear(); }
    for (const name of ["counts", "groups", "bridges", "agenda", "source", "findings", "air"]) if (name in news) known[name] = news[name];
    Object.assign(known.names, news.names || {});
    Object.assign(known.rows, news.rows || {});
    for (const id of news.gone || []) { delete known.rows[id]; items.get(String(id))?.node.remove(); items.delete(String(id)); }
    for (const id of Object.keys(news.full ? known.rows : news.rows || {})) { position(id); draw(id); }
    if ("counts" in news) drawCounts();
    if ("agenda" in news) drawAgenda();
    if ("groups" in news) drawGroups();
    if ("bridges" in news) drawBridges();
    if ("findings" in news) drawFindings();
    if ("source" in news) drawWarning();
    drawAir();
    version = news.v;
    at = Date.now();
    if (wantsSort && (news.full || !isReading())) sort();
    else if (wantsSort) part("sort").hidden = false;
    age();
  }
  function age() {
    const seconds = at ? Math.round((Date.now() - at) / 1000) : 0, isOld = seconds >= STALE;
    live.classList.toggle("is-stale", isOld);
    part("age").textContent = at ? (isOld ? texts.stale : texts.updated).replace("{s}", seconds) : "";
    if (wantsSort && at && !isReading()) sort();
  }

  // ---- one endpoint, remedies
  function open(id) {
    opened = id;
    const panel = part("panel");
    panel.hidden = false;
    htmx.ajax("GET", `${live.dataset.base}/endpoint/${id}`, { target: panel, swap: "innerHTML" }).then(() => {
      if (opened === id && matchMedia("(max-width: 991.98px)").matches) panel.scrollIntoView({ block: "start" });
      panel.focus({ preventScroll: true });
    });
  }
  function close() {
    opened = 0;
    part("panel").hidden = true;
    part("panel").replaceChildren();
  }
  setInterval(() => {
    const panel = part("panel"), selection = getSelection();
    const isUsed = panel.querySelector("details[open]") || (selection && !selection.isCollapsed && panel.contains(selection.anchorNode));
    if (opened && !document.hidden && !isUsed) htmx.ajax("GET", `${live.dataset.base}/endpoint/${opened}`, { target: panel, swap: "morph:innerHTML" });
  }, 10000);
  function remedy(word, ids) {
    const dialog = document.getElementById("live-dialog");
    const values = { do: word, endpoint: ids.map(String) };
    htmx.ajax("POST", `${live.dataset.base}/preview`, { target: "#live-dialog-inside", swap: "innerHTML", values }).then(() => {
      if (!dialog.open) dialog.showModal();
      dialog.querySelector("#live-value, #live-reason")?.focus();
    });
  }
  const many = part("many");
  function drawMany() {
    if (!many) return;
    many.hidden = !chosen.size;
    many.querySelector("span").textContent = texts.chosen.replace("{n}", chosen.size);
  }
  live.addEventListener("change", (event) => {
    const row = event.target.closest(".live-row");
    if (!row || event.target.type !== "checkbox") return;
    event.target.checked ? chosen.add(row.dataset.id) : chosen.delete(row.dataset.id);
    drawMany();
  });
  live.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-remedy]");
    if (asked) return remedy(asked.dataset.remedy, [asked.dataset.for]);
    if (event.target.closest("[data-panel-close]")) return close();
    if (event.target.closest("[data-sort]")) return sort();
    if (event.target.closest("[data-many]")) {
      const causes = [...chosen].map((id) => known.rows[id]?.[3]);
      const word = causes.every((one) => one === causes[0]) ? remedyOf[causes[0]] || "rejoin" : "rejoin";
      return remedy(word, [...chosen]);
    }
    const opener = event.target.closest(".live-open");
    if (opener) open(Number(opener.closest("li").dataset.id));
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && opened && !document.querySelector("dialog[open]")) close(); });
  part("find").addEventListener("input", (event) => { filter = event.target.value.trim().toLowerCase(); sort(); });
  document.getElementById("live-dialog").addEventListener("close", () => { chosen.clear(); for (const box of live.querySelectorAll(".live-row input")) box.checked = false; drawMany(); });

  ask();
  setInterval(ask, EVERY);
  setInterval(age, 1000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
})();
