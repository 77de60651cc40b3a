// The kiosk's line to EduNOC: what it remembers, its clock, signed heartbeats, the plan. Knows no device and no meeting.
(() => {
  "use strict";
  const Kiosk = (window.Kiosk = window.Kiosk || {});
  const meta = (name) => JSON.parse(document.querySelector(`meta[name="${name}"]`).content);
  Kiosk.page = meta("kiosk");
  const texts = meta("kiosk-texts");
  Kiosk.text = (name, values = {}) =>
    (texts[name] || name).replace(/\{(\w+)\}/g, (_all, key) => (key in values ? values[key] : ""));

  // ---- what survives a reload and a power cut ----
  const KEPT = "edunoc-kiosk";
  const blank = { number: 0, chosen: {}, done: [], acks: [], events: [], out: null, volume: 100, last: null };
  let kept = { ...blank };
  try { kept = { ...blank, ...JSON.parse(localStorage.getItem(KEPT) || "{}") }; } catch { /* damaged: begin anew */ }
  Kiosk.kept = kept;
  Kiosk.keep = (changes) => {
    Object.assign(kept, changes);
    try { localStorage.setItem(KEPT, JSON.stringify(kept)); } catch { /* full: the page goes on without memory */ }
  };

  // The key of heartbeats lies in IndexedDB as an object that no script can read out again
  const database = () => new Promise((resolve, reject) => {
    const request = indexedDB.open("edunoc-kiosk", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("keys");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const inStore = async (mode, work) => {
    const base = await database();
    try {
      return await new Promise((resolve, reject) => {
        const request = work(base.transaction("keys", mode).objectStore("keys"));
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    } finally { base.close(); }
  };
  let key = null;
  Kiosk.loadKey = async () => {
    const found = await inStore("readonly", (store) => store.get("heartbeat")).catch(() => null);
    key = found && found.endpoint === Kiosk.page.endpoint ? found.key : null;
    return key !== null;
  };
  Kiosk.keepKey = async (endpoint, secret) => {
    const made = await crypto.subtle.importKey(
      "raw", new TextEncoder().encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    await inStore("readwrite", (store) => store.put({ endpoint, key: made }, "heartbeat"));
  };
  Kiosk.forgetKey = () => inStore("readwrite", (store) => store.delete("heartbeat")).catch(() => null);

  // ---- the clock: how far ours is ahead of the server's, from the quickest of the last questions (as NTP does) ----
  const measured = [];
  Kiosk.clock = {
    offset: Date.now() - Kiosk.page.clock,
    isMeasured: false,
    now() { return Date.now() - this.offset; },
    learn(sentAt, server, cameAt) {
      if (!Number.isFinite(server) || cameAt < sentAt) return;
      measured.push({ trip: cameAt - sentAt, offset: (sentAt + cameAt) / 2 - server });
      if (measured.length > 8) measured.shift();
      const newest = measured[measured.length - 1];
      if (Math.abs(newest.offset - this.offset) > 5000) measured.splice(0, measured.length - 1); // the clock was set
      this.offset = measured.reduce((best, one) => (one.trip < best.trip ? one : best)).offset;
      this.isMeasured = true;
    },
  };

  // ---- questions ----
  Kiosk.link = { isOnline: true, since: 0, onChange: () => {} };
  const heard = (isOnline) => {
    if (isOnline === Kiosk.link.isOnline) return;
    Kiosk.link.isOnline = isOnline;
    Kiosk.link.since = Kiosk.clock.now();
    Kiosk.note(isOnline ? "online" : "offline");
    Kiosk.link.onChange();
  };
  const ask = async (url, options) => {
    const sentAt = Date.now();
    let response;
    try {
      response = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(8000), ...options });
    } catch { heard(false); return { status: 0, body: {} }; }
    const cameAt = Date.now();
    heard(response.status < 500);
    const body = await response.json().catch(() => ({}));
    Kiosk.clock.learn(sentAt, body.server_time_ms, cameAt);
    return { status: response.status, body };
  };
  Kiosk.plan = () => ask("/kiosk/plan", {});
  Kiosk.askToJoin = (id) => ask(`/kiosk/join/${id}`, { method: "POST" });
  Kiosk.pair = (code) => ask("/kiosk/pair", {
    method: "POST",
    headers: { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
    body: new URLSearchParams({ code, endpoint: Kiosk.page.wanted }),
  });

  // ---- events for the next heartbeat ----
  Kiosk.note = (event, values = {}) => {
    kept.events.push({ event, at: new Date(Kiosk.clock.now()).toISOString(), ...values });
    Kiosk.keep({ events: kept.events.slice(-50) });
  };
  Kiosk.acknowledge = (id, state, result = "", before = {}) => {
    kept.acks.push({ id, state, result, before });
    Kiosk.keep({ acks: kept.acks.slice(-20), done: [...kept.done, id].slice(-100) });
  };

  // ---- heartbeats ----
  const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const send = async (body) => {
    const at = Math.round(Kiosk.clock.now());
    const number = Math.max(kept.number + 1, at);
    Kiosk.keep({ number });
    const text = JSON.stringify({ ...body, ts: new Date().toISOString() });
    const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`${at}.${number}.${text}`));
    return ask("/api/v1/endpoints/heartbeat", {
      method: "POST", credentials: "omit", body: text,
      headers: {
        "Content-Type": "application/json", "X-EduNOC-Endpoint": Kiosk.page.endpoint, "X-EduNOC-Time": String(at),
        "X-EduNOC-Number": String(number), "X-EduNOC-Signature": hex(signature),
      },
    });
  };
  Kiosk.beat = async (body) => {
    if (key === null) return { status: 401, body: { reason: "not_paired" } };
    const acks = kept.acks.slice(), events = kept.events.slice();
    const said = { ...body, acks, events };
    let answer = await send(said);
    if (answer.body.reason === "stale") answer = await send(said); // the clock is right now
    if (answer.status === 200) {
      Kiosk.keep({ acks: kept.acks.slice(acks.length), events: kept.events.filter((one) => !events.includes(one)) });
    }
    return answer;
  };
})();
