// Charts: uPlot over the JSON of /api/v1/window, which the pages' own addresses give too. At most eight series are drawn; gaps are gaps; drag zooms; all charts
// of a page share the time range of the URL; incidents are marked; the same numbers stand in a table behind.
(() => {
  "use strict";
  const MAX_SERIES = 8;
  const MISSING = "–";
  // A mark has the tone of its incident's severity; the lighter the matter, the fainter
  const MARKS = { critical: ["--down", 0.14], major: ["--attention", 0.12], minor: ["--minor", 0.05], info: ["--info", 0.04] };
  // Okabe-Ito without black and yellow's glare, then two more; dashes tell lines apart without colour
  const COLOURS = {
    light: ["#0072b2", "#c2550a", "#00815f", "#a03f7c", "#7a6a00", "#2f8fc4", "#5b6977", "#8a4b1d"],
    dark: ["#5fb3f0", "#f0954a", "#3fcf9f", "#e08fc0", "#d8cf66", "#9fd4ff", "#a4b0bc", "#d9a074"],
  };
  const DASHES = [[], [6, 3], [2, 3], [10, 3, 2, 3], [], [6, 3], [2, 3], [10, 3, 2, 3]];
  const root = document.documentElement;
  const lang = root.lang || "vi";
  const words = () => window.edunoc?.words || {};
  const zone = document.querySelector('meta[name="zone"]')?.content;
  const charts = new Map();

  // ---- units
  const plain = new Intl.NumberFormat(lang, { maximumFractionDigits: 2 });
  function scaled(value, step, units) {
    let i = 0;
    while (Math.abs(value) >= step && i < units.length - 1) { value /= step; i += 1; }
    return `${new Intl.NumberFormat(lang, { maximumFractionDigits: Math.abs(value) >= 100 ? 0 : 1 }).format(value)} ${units[i]}`;
  }
  function inSeconds(value) {
    if (Math.abs(value) < 1) return `${plain.format(value * 1000)} ms`;
    if (Math.abs(value) < 600) return `${plain.format(value)} s`;
    if (Math.abs(value) < 7200) return `${plain.format(value / 60)} min`;
    return Math.abs(value) < 172800 ? `${plain.format(value / 3600)} h` : `${plain.format(value / 86400)} d`;
  }
  const UNITS = {
    ratio: (v) => `${new Intl.NumberFormat(lang, { maximumFractionDigits: 1 }).format(v * 100)} %`,
    "bit/s": (v) => scaled(v, 1000, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"]),
    bytes: (v) => scaled(v, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]),
    "bytes/s": (v) => scaled(v, 1024, ["B/s", "KiB/s", "MiB/s", "GiB/s", "TiB/s"]),
    seconds: inSeconds,
    celsius: (v) => `${plain.format(v)} °C`,
    volts: (v) => `${plain.format(v)} V`,
  };
  const say = (unit, value) => (value === null || value === undefined ? MISSING : (UNITS[unit] || ((v) => `${plain.format(v)}${unit ? ` ${unit}` : ""}`))(value));
  const exact = new Intl.DateTimeFormat(lang, { timeZone: zone, day: "2-digit", month: "2-digit", hour: "2-digit", hourCycle: "h23", minute: "2-digit", second: "2-digit" });

  // ---- shared time range
  const SPAN = { h: 3600e3, d: 86400e3 };
  function range() {
    const query = new URLSearchParams(location.search);
    const from = Number(query.get("from"));
    const to = Number(query.get("to"));
    if (from > 0 && to > from) return { from, to, word: "" };
    const word = /^\d+[hd]$/.test(query.get("range") || "") ? query.get("range") : "24h";
    const end = Date.now() + (window.edunoc?.clockSkew || 0);
    return { from: end - parseInt(word, 10) * SPAN[word.at(-1)], to: end, word };
  }
  function setRange(change) {
    const query = new URLSearchParams(location.search);
    for (const name of ["range", "from", "to"]) query.delete(name);
    for (const [name, value] of Object.entries(change)) query.set(name, value);
    history.pushState(null, "", `${location.pathname}?${query}${location.hash}`);
    showRange();
    loadAll();
  }
  function showRange() {
    const { word } = range();
    const isOwn = !/[?&](range|from)=/.test(location.search) && document.querySelector("[data-chart][data-from]");
    for (const button of document.querySelectorAll("[data-range]")) {
      if (button.dataset.range === word && !isOwn) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    for (const button of document.querySelectorAll("[data-zoom-out]")) button.hidden = word !== "";
    for (const own of document.querySelectorAll("[data-own-range]")) {
      if (word) own.removeAttribute("aria-current"); else own.setAttribute("aria-current", "true");
    }
  }

  // ---- a range of one's own, in the time of the house (the browser may stand in another zone)
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  function toBox(ms) {
    const at = Object.fromEntries(parts.formatToParts(new Date(ms)).map((part) => [part.type, part.value]));
    return `${at.year}-${at.month}-${at.day}T${at.hour}:${at.minute}`;
  }
  function fromBox(text) {
    const wanted = Date.parse(`${text}Z`);
    let ms = wanted;
    for (let i = 0; i < 2; i += 1) ms += wanted - Date.parse(`${toBox(ms)}Z`); // twice: where clocks are put forward
    return ms;
  }
  function fillOwn(form) {
    const { from, to } = range();
    form.querySelector("[data-own=from]").value = toBox(from);
    form.querySelector("[data-own=to]").value = toBox(to);
    form.querySelector("[data-zone]").textContent = zone || "";
    sayOwn(form, "");
  }
  function sayOwn(form, text) {
    const place = form.querySelector("[role=alert]");
    place.textContent = text;
    place.hidden = !text;
    place.classList.toggle("d-block", Boolean(text));
  }
  document.addEventListener("toggle", (event) => {
    const form = event.target.open && event.target.querySelector?.(":scope > [data-range-form]");
    if (form) { fillOwn(form); form.querySelector("input").focus(); }
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-range-form]");
    if (!form) return;
    event.preventDefault();
    const [from, to] = ["from", "to"].map((name) => fromBox(form.querySelector(`[data-own=${name}]`).value));
    if (!(to > from)) return sayOwn(form, form.dataset.order);
    if (to - from > 5 * 366 * SPAN.d) return sayOwn(form, form.dataset.longest);
    form.closest("details").open = false;
    form.closest("details").querySelector("summary").focus();
    setRange({ from, to });
  });

  // ---- drawing
  const colours = () => COLOURS[root.dataset.bsTheme === "dark" ? "dark" : "light"];
  const style = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const cells = (name, text) => { const cell = document.createElement(name); cell.textContent = text; return cell; };

  function markers(data) {
    return {
      hooks: {
        draw: (plot) => {
          const { ctx, bbox } = plot;
          ctx.save();
          const rank = ({ severity }) => Object.keys(MARKS).indexOf(severity);
          for (const mark of [...(data.markers || [])].sort((a, b) => rank(b) - rank(a))) { // the worst on top
            const left = Math.max(plot.valToPos(mark.from / 1000, "x", true), bbox.left);
            const right = Math.min(plot.valToPos((mark.to ?? data.to) / 1000, "x", true), bbox.left + bbox.width);
            if (right < bbox.left || left > bbox.left + bbox.width) continue;
            const [tone, alpha] = MARKS[mark.severity] || MARKS.info;
            ctx.fillStyle = style(tone);
            ctx.globalAlpha = alpha;
            ctx.fillRect(left, bbox.top, Math.max(right - left, 2), bbox.height);
            ctx.globalAlpha = Math.min(1, alpha * 8);
            ctx.fillRect(left, bbox.top, 2, bbox.height);
            ctx.beginPath(); // a flag at the top: the mark is not told by colour alone
            ctx.moveTo(left, bbox.top); ctx.lineTo(left + 9, bbox.top + 4.5); ctx.lineTo(left, bbox.top + 9);
            ctx.fill();
          }
          ctx.restore();
        },
      },
    };
  }

  function draw(figure, data) {
    const box = figure.querySelector(".chart-box");
    figure.dataset.unit ||= data.unit || "";
    const unit = figure.dataset.unit;
    const old = charts.get(figure);
    const hidden = new Set(old?.hidden || []);
    old?.plot?.destroy();
    box.replaceChildren();
    const shown = data.series.slice(0, MAX_SERIES);
    const isEmpty = !data.mean.some((line) => line.some((value) => value != null));
    if (isEmpty) {
      box.append(Object.assign(document.createElement("div"), { className: "chart-state", textContent: words().no_data }));
      charts.set(figure, { data, hidden });
      figure.querySelector(".chart-legend").replaceChildren();
      return;
    }
    const axis = { stroke: style("--ink-soft"), grid: { stroke: style("--line"), width: 1 }, ticks: { show: false }, font: `11px ${style("--tblr-font-sans-serif")}` };
    const options = {
      width: box.clientWidth, height: box.clientHeight, ms: 1e-3,
      legend: { show: false }, padding: [10, 18, 0, 0],
      tzDate: (seconds) => (zone ? uPlot.tzDate(new Date(seconds * 1000), zone) : new Date(seconds * 1000)),
      cursor: { sync: { key: "edunoc" }, drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
      scales: { x: { min: data.from / 1000, max: data.to / 1000 }, y: { range: (_plot, low, high) => limits(figure, unit, low, high) } },
      axes: [
        { ...axis, size: 28, values: (_plot, splits, _a, _b, step) => splits.map((s) => tickLabel(s, step)) },
        { ...axis, size: 76, values: (_plot, splits) => splits.map((value) => say(unit, value)) },
      ],
      series: [{}, ...shown.map((one, i) => ({
        label: one.label, stroke: colours()[i], width: 1.5, dash: DASHES[i], spanGaps: false, show: !hidden.has(one.label),
        points: { show: (_plot, _i, from, to) => to - from < 40 },
      }))],
      plugins: [markers(data)],
      hooks: {
        setSelect: [(plot) => {
          if (plot.select.width < 8) return;
          const at = (x) => Math.round(plot.posToVal(x, "x") * 1000);
          setRange({ from: at(plot.select.left), to: at(plot.select.left + plot.select.width) });
        }],
        setCursor: [(plot) => values(figure, plot.cursor.idx)],
      },
    };
    const plot = new uPlot(options, [data.ts.map((ms) => ms / 1000), ...data.mean.slice(0, MAX_SERIES)], box);
    charts.set(figure, { plot, data, hidden });
    legend(figure, shown);
    values(figure, null);
  }

  function limits(figure, unit, low, high) {
    if (low === null || high === null) return [0, 1];
    let floor = "zero" in figure.dataset ? Math.min(0, low) : low;
    let top = high;
    if (unit === "ratio" && floor >= 0 && top <= 1) { floor = 0; top = 1; }
    if (top === floor) top = floor + (Math.abs(floor) || 1);
    return [floor, unit === "ratio" && top === 1 ? 1 : top + (top - floor) * 0.06];
  }

  const clockTime = new Intl.DateTimeFormat(lang, { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const dayMonth = new Intl.DateTimeFormat(lang === "vi" ? "en-GB" : lang, { timeZone: zone, day: "2-digit", month: "2-digit" });
  function tickLabel(seconds, step) {
    const moment = new Date(seconds * 1000);
    const time = clockTime.format(moment);
    return step >= 86400 || time === "00:00" ? dayMonth.format(moment) : time;
  }

  function legend(figure, shown) {
    const list = figure.querySelector(".chart-legend");
    const state = charts.get(figure);
    list.replaceChildren(...shown.map((one, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-pressed", String(!state.hidden.has(one.label)));
      const sample = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      sample.setAttribute("viewBox", "0 0 18 8");
      const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
      for (const [name, value] of Object.entries({ d: "M0 4h18", stroke: colours()[i], "stroke-width": 2.5, "stroke-dasharray": DASHES[i].join(" ") })) line.setAttribute(name, value);
      sample.append(line);
      const value = Object.assign(document.createElement("span"), { className: "val" });
      button.append(sample, cells("span", one.label), value);
      button.addEventListener("click", () => {
        const isShown = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(isShown));
        if (isShown) state.hidden.delete(one.label); else state.hidden.add(one.label);
        state.plot.setSeries(i + 1, { show: isShown });
      });
      const item = document.createElement("li");
      item.append(button);
      return item;
    }));
    if (state.data.series.length > MAX_SERIES) list.append(cells("li", words().more));
  }

  function values(figure, index) {
    const { data } = charts.get(figure) || {};
    if (!data) return;
    figure.querySelectorAll(".chart-legend .val").forEach((span, i) => {
      const line = data.mean[i];
      let at = index;
      if (at === null || at === undefined) at = line.findLastIndex((value) => value != null);
      span.textContent = say(figure.dataset.unit, line[at]);
    });
  }

  // ---- the table behind: newest first, as many rows as a person reads
  function table(figure) {
    const { data } = charts.get(figure) || {};
    const place = figure.querySelector("details .table-responsive");
    if (!data || !figure.querySelector("details").open) return;
    const body = document.createElement("tbody");
    for (let i = data.ts.length - 1; i >= 0 && body.rows.length < 500; i -= 1) {
      if (data.mean.every((line) => line[i] == null)) continue;
      const row = document.createElement("tr");
      row.append(cells("td", exact.format(new Date(data.ts[i]))), ...data.mean.map((line) => Object.assign(cells("td", say(figure.dataset.unit, line[i])), { className: "num" })));
      body.append(row);
    }
    const head = document.createElement("tr");
    head.append(cells("th", words().time), ...data.series.map((one) => Object.assign(cells("th", one.label), { className: "num" })));
    const sheet = Object.assign(document.createElement("table"), { className: "table table-sm" });
    const thead = document.createElement("thead");
    thead.append(head);
    sheet.append(thead, body);
    place.replaceChildren(sheet);
  }

  // Lines have times of their own. Joined, null stays a gap and undefined ("this line has no sample just here") does not.
  function aligned(data) {
    const lines = data.series.filter((one) => one.ts.length);
    const joined = lines.length ? uPlot.join(lines.map((one) => [one.ts, one.mean]), lines.map(() => [1, 1])) : [[]];
    return { ...data, series: lines, ts: joined[0], mean: joined.slice(1), unit: lines[0]?.unit };
  }

  // ---- loading
  async function load(figure) {
    // A chart may bring a stretch of time of its own, which counts until the page's address names one
    const isFree = !/[?&](range|from)=/.test(location.search);
    const { from, to } = isFree && figure.dataset.from ? { from: Number(figure.dataset.from), to: Number(figure.dataset.to) } : range();
    const url = new URL(figure.dataset.chart, location.href);
    url.searchParams.set("from", Math.round(from));
    url.searchParams.set("to", Math.round(to));
    url.searchParams.set("bounds", "false"); // means are drawn
    url.searchParams.set("points", Math.max(100, Math.min(1200, Math.round(figure.clientWidth / 2))));
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const data = aligned(await answer.json());
      if (!figure.isConnected) return;
      draw(figure, data);
      table(figure);
    } catch {
      const state = figure.querySelector(".chart-state");
      if (state) state.textContent = words().chart_failed;
    }
  }
  // A chart is asked for when it comes near the screen, not before
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) { near.unobserve(entry.target); entry.target.dataset.near = "1"; load(entry.target); }
  }, { rootMargin: "300px" });
  function loadAll() { for (const figure of document.querySelectorAll("[data-chart][data-near]")) load(figure); }
  function begin(from) {
    for (const figure of from.querySelectorAll("[data-chart]:not([data-watched])")) {
      figure.dataset.watched = "1";
      near.observe(figure);
      figure.querySelector("details").addEventListener("toggle", () => table(figure));
    }
    showRange();
  }
  document.addEventListener("click", (event) => {
    const choice = event.target.closest?.("[data-range]");
    if (choice) setRange({ range: choice.dataset.range });
    if (event.target.closest?.("[data-zoom-out]")) history.length > 1 && location.search.includes("from=") ? setRange({ range: "24h" }) : null;
  });
  addEventListener("popstate", () => { showRange(); loadAll(); });
  root.addEventListener("themechange", () => { for (const [figure, state] of charts) if (figure.isConnected) draw(figure, state.data); });
  document.addEventListener("partchange", () => {
    for (const figure of [...charts.keys()]) if (!figure.isConnected) { charts.get(figure).plot?.destroy(); charts.delete(figure); }
    begin(document);
  });
  let resizing = 0;
  addEventListener("resize", () => {
    cancelAnimationFrame(resizing);
    resizing = requestAnimationFrame(() => {
      for (const [figure, { plot }] of charts) {
        const box = figure.querySelector(".chart-box");
        if (plot && figure.isConnected) plot.setSize({ width: box.clientWidth, height: box.clientHeight });
      }
    });
  });
  // The live end moves on by itself every half minute while the range ends now
  setInterval(() => { if (!document.hidden && range().word) loadAll(); }, 30000);
  begin(document);
})();
