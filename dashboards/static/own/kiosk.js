// The kiosk page: waits, checks devices, joins by the plan, comes back by itself, does what the centre asks.
(() => {
  "use strict";
  const Kiosk = window.Kiosk;
  const { devices, meeting, text, kept, clock } = Kiosk;
  const $ = (id) => document.getElementById(id);
  const PLAN_MS = 30_000, BEAT_MS = 10_000, REST_MS = 60_000, STATS_MS = 10_000, PEEK_MS = 30_000, JOIN_MS = 45_000;
  const BACK_MS = 60_000; // a room that hung up comes back after this, unless somebody says no
  let plan = kept.plan || { meetings: [] }, state = "waiting", failure = null, tries = 0, retryAt = 0, joinedFor = null;
  let due = { plan: 0, beat: 0, stats: 0, peek: 0, look: 0 }, isBeating = false, isPlanning = false, isJoining = false;

  const view = (name) => { document.body.dataset.view = name; };
  const zone = { timeZone: Kiosk.page.zone, hour12: false };
  const language = Kiosk.page.language === "en" ? "en-GB" : "vi-VN";
  const at = (ms) => new Intl.DateTimeFormat(language, { ...zone, hour: "2-digit", minute: "2-digit" }).format(ms);
  const dayOf = (ms) => new Intl.DateTimeFormat("en-CA", { timeZone: Kiosk.page.zone }).format(ms);
  const day = (ms) => {
    if (dayOf(ms) === dayOf(clock.now())) return text("day_today");
    if (dayOf(ms) === dayOf(clock.now() + 86_400_000)) return text("day_tomorrow");
    return new Intl.DateTimeFormat(language, { timeZone: Kiosk.page.zone, weekday: "long", day: "2-digit", month: "2-digit" }).format(ms);
  };
  const span = (ms) => {
    const seconds = Math.max(0, Math.round(ms / 1000)), minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
    const two = (n) => String(n).padStart(2, "0");
    return hours ? `${hours}:${two(minutes % 60)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
  };

  // ---- pairing ----
  $("pair-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = $("pair-form").querySelector("button");
    if (!window.isSecureContext) { $("pair-problem").textContent = text("insecure"); return; }
    button.disabled = true;
    const { status, body } = await Kiosk.pair($("code").value);
    button.disabled = false;
    if (status === 200) {
      await Kiosk.keepKey(body.code, body.secret);
      Kiosk.keep({ number: 0, acks: [], done: [], out: null, plan: null });
      location.replace("/kiosk");
      return;
    }
    $("pair-problem").textContent = body.text || (status === 429 ? body.detail : "") || text("failed", { why: "", seconds: "" });
    $("code").select();
  });
  const unpaired = async () => {
    meeting.close();
    await Kiosk.forgetKey();
    view("pairing");
    state = "unpaired";
    $("pair-problem").textContent = text("not_paired");
  };

  // ---- what is due: computed here from the plan, so that a cut line delays nothing ----
  const dueMeeting = () => {
    const now = clock.now();
    return plan.meetings.filter((one) => one.join_ms <= now && now <= one.closes_ms)
      .reduce((best, one) => (best === null || one.starts_ms > best.starts_ms ? one : best), null);
  };
  const isOut = (one) => kept.out && kept.out.id === one.id && (kept.out.until === 0 || clock.now() < kept.out.until);

  const join = async (one) => {
    isJoining = true;
    state = kept.last === one.id ? "rejoining" : "joining";
    joinedFor = one;
    try {
      const { status, body } = await Kiosk.askToJoin(one.id);
      if (status === 401) return await unpaired();
      if (status !== 200) throw new Error(body.text || text("no_answer"));
      devices.giveUpPicture();
      await meeting.open(body);
      const until = Date.now() + JOIN_MS;
      while (meeting.api !== null && meeting.connection === "" && Date.now() < until) await new Promise((done) => setTimeout(done, 100));
      if (meeting.connection === "") throw new Error(text("no_answer"));
    } catch (error) {
      meeting.close();
      failed(error.message === "no_script" ? text("no_script") : error.message);
    } finally { isJoining = false; draw(); }
  };
  const failed = (why) => {
    tries += 1;
    const wait = Math.min(60_000, 2000 * 2 ** Math.min(tries - 1, 5)) * (0.75 + Math.random() / 2); // 600 rooms do not come at once
    retryAt = Date.now() + wait;
    failure = why;
    state = "rejoining";
    Kiosk.note("join_failed", { message: why.slice(0, 200) });
    view("waiting");
    devices.takePicture();
    due.beat = 0;
  };
  meeting.onJoined = () => {
    tries = 0;
    failure = null;
    state = "in_meeting";
    Kiosk.keep({ last: meeting.id, out: null });
    view("meeting");
    due.beat = due.stats = 0;
    draw();
  };
  meeting.onEnded = (id, why) => {
    if (why === "kicked" || why === "left") {
      state = "left";
      const until = why === "kicked" ? 0 : clock.now() + BACK_MS;
      if (!kept.out || kept.out.id !== id) Kiosk.keep({ out: { id, until, why } });
      view("waiting");
      devices.takePicture();
    } else if (!isJoining) failed(text("lost"));
    due.beat = 0;
    draw();
  };
  const leave = (why, until = 0) => {
    if (meeting.id !== null || why) Kiosk.keep({ out: why ? { id: meeting.id ?? dueMeeting()?.id, until, why } : null });
    meeting.leave();
    meeting.close();
    state = why ? "left" : "waiting";
    view("waiting");
    devices.takePicture();
  };
  const follow = () => {
    const one = dueMeeting();
    if (meeting.api !== null && !isJoining) {
      const own = plan.meetings.find((other) => other.id === meeting.id);
      if (!own || clock.now() > own.closes_ms || (one && one.id !== meeting.id)) leave(null);
      return;
    }
    if (isJoining || one === null || state === "unpaired") {
      if (one === null && state !== "unpaired" && state !== "checking") { state = "waiting"; failure = null; tries = 0; }
      return;
    }
    if (isOut(one)) { state = "left"; return; }
    if (Date.now() >= retryAt) join(one);
  };

  // ---- commands of the centre ----
  const choose = (kind) => async ({ value }) => {
    if (!devices.lists[kind].some((one) => one.label === value)) throw new Error("no_device");
    const before = await devices.choose(kind, value);
    if (meeting.api !== null) await meeting.useDevice(kind, value);
    fill();
    return { result: value, before: { value: before } };
  };
  const askRoom = (title, sentence, yes, no, seconds) => new Promise((resolve) => {
    const box = $("ask");
    $("ask-title").textContent = title;
    $("ask-text").textContent = sentence;
    $("ask-yes").textContent = yes;
    $("ask-no").textContent = no;
    $("ask-no").hidden = !no;
    const timer = seconds ? setTimeout(() => done(null), seconds * 1000) : 0;
    const done = (answer) => { clearTimeout(timer); if (box.open) box.close(); resolve(answer); };
    $("ask-yes").onclick = () => done(true);
    $("ask-no").onclick = () => done(false);
    if (!box.open) box.show();
    $("ask-yes").focus();
  });
  const verbs = {
    reload: () => ({ after: () => location.reload() }),
    rejoin: () => { Kiosk.keep({ out: null }); retryAt = 0; if (meeting.api !== null) { meeting.close(); view("waiting"); } follow(); return {}; },
    leave: () => { if (meeting.api === null) throw new Error("not_in_meeting"); leave("asked"); return {}; },
    mute: async () => { await meeting.setAudioMuted(true); return {}; },
    unmute: async () => {
      const answer = await askRoom(text("from_centre"), text("unmute_ask"), text("yes"), text("no"), 60);
      if (!answer) throw new Error(answer === null ? "nobody" : "refused");
      await meeting.setAudioMuted(false);
      return {};
    },
    camera_on: async () => { await meeting.setVideoMuted(false); return {}; },
    camera_off: async () => { await meeting.setVideoMuted(true); return {}; },
    set_volume: ({ value }) => ({ result: `${value} %`, before: { value: meeting.setVolume(value) } }),
    choose_camera: choose("camera"), choose_microphone: choose("mic"), choose_speaker: choose("speaker"),
    audio_only_on: () => { meeting.setAudioOnly(true); return {}; },
    audio_only_off: () => { meeting.setAudioOnly(false); return {}; },
    video_quality: ({ value }) => ({ result: `${value}p`, before: { value: meeting.setHeight(value) } }),
    show_message: ({ value }) => { askRoom(text("from_centre"), value, text("close"), "", 0); return {}; },
    run_device_check: async () => {
      const words = await devices.check();
      return { result: Object.entries(words).map(([name, word]) => `${text(`device_${name}`)}: ${text(`is_${word}`)}`).join("; ") };
    },
    play_tone: async () => {
      const isHeard = await devices.tone();
      return { result: isHeard === null ? "" : text(isHeard ? "tone_heard" : "tone_not_heard") };
    },
  };
  const running = new Set();
  const obey = async ({ id, verb, arguments: values }) => {
    if (kept.done.includes(id) || running.has(id)) return;
    running.add(id);
    let after = null;
    try {
      if (!Object.hasOwn(verbs, verb)) throw new Error("unknown_verb");
      const told = await verbs[verb](values || {});
      after = told.after;
      Kiosk.acknowledge(id, "done", told.result || "", told.before || {});
    } catch (error) { Kiosk.acknowledge(id, "failed", text(error.message)); }
    running.delete(id);
    due.beat = 0;
    draw();
    if (after) after();
  };

  // ---- heartbeats and plans ----
  const rounded = (value) => (value === null ? undefined : Math.round(value * 10) / 10);
  const body = () => ({
    schema: 1, site_id: Kiosk.page.endpoint, agent_version: "kiosk-1",
    meeting_id: meeting.id ?? undefined, endpoint_id: meeting.connection || undefined,
    state: state === "unpaired" ? "waiting" : state, visitor: meeting.isVisitor,
    devices: devices.words, connection: meeting.api === null ? undefined : meeting.stats,
    levels: { mic_rms_dbfs: rounded(devices.takeLoudest()), seconds_since_sound: devices.soundAge() ?? undefined, picture_luma: devices.luma ?? undefined },
    media: {
      audio_muted: meeting.isAudioMuted ?? undefined, video_muted: meeting.isVideoMuted ?? undefined,
      audio_only: meeting.api === null ? undefined : meeting.isAudioOnly, volume_pct: kept.volume,
      video_height: meeting.api === null ? undefined : meeting.height,
    },
    check: {
      sound_heard: devices.soundAge() !== null, tone_heard: devices.toneHeard ?? undefined,
      is_full_screen: document.fullscreenElement !== null || window.innerHeight >= screen.height, is_awake: lock !== null,
    },
    host: { ntp_offset_ms: clock.isMeasured ? Math.round(clock.offset) : undefined },
    lists: devices.labels(), problem: failure ? failure.slice(0, 200) : undefined,
  });
  const beat = async () => {
    isBeating = true;
    try {
      const answer = await Kiosk.beat(body());
      if (["not_paired", "unknown_endpoint", "bad_signature"].includes(answer.body.reason)) await unpaired();
      (answer.body.commands || []).forEach(obey);
    } catch { /* the next one tells more */ } finally { isBeating = false; }
  };
  const isSoon = () => plan.meetings.some((one) => one.starts_ms - clock.now() < 1_800_000);
  const askPlan = async () => {
    isPlanning = true;
    const { status, body: told } = await Kiosk.plan();
    isPlanning = false;
    if (status === 401) return unpaired();
    if (status !== 200) return;
    plan = told;
    Kiosk.keep({ plan: { meetings: told.meetings } });
    if (told.has_commands) due.beat = 0;
    if (told.mark !== Kiosk.page.mark && meeting.api === null && !isJoining) {
      if (kept.mark !== told.mark) { Kiosk.keep({ mark: told.mark }); location.reload(); }
    }
    $("name").textContent = $("foot-name").textContent = told.endpoint.name;
    draw();
  };
  Kiosk.hurry = () => { due.plan = due.beat = due.stats = 0; tick(); };
  window.addEventListener("online", Kiosk.hurry);
  Kiosk.link.onChange = () => { due.plan = due.beat = 0; draw(); };
  devices.onChange = () => { fill(); draw(); };

  // ---- screen ----
  let lock = null;
  const stayAwake = async () => {
    if (lock !== null || !navigator.wakeLock || document.visibilityState !== "visible") return;
    try {
      lock = await navigator.wakeLock.request("screen");
      lock.addEventListener("release", () => { lock = null; });
    } catch { lock = null; }
  };
  document.addEventListener("visibilitychange", () => { devices.screen(); stayAwake(); });

  const fill = () => {
    for (const box of document.querySelectorAll("[data-device]")) {
      const kind = box.dataset.device, chosen = devices.chosen(kind)?.label || "";
      const wanted = [["", text("default_device")], ...devices.lists[kind].filter((one) => one.label).map((one) => [one.label, one.label])];
      const shown = JSON.stringify(wanted);
      if (box.dataset.shown !== shown) {
        box.replaceChildren(...wanted.map(([value, label]) => new Option(label, value)));
        box.dataset.shown = shown;
      }
      box.value = chosen;
    }
  };
  const drawDevices = () => {
    const words = devices.words;
    const rows = Object.keys(words).map((name) => {
      const row = document.createElement("li");
      row.dataset.word = words[name];
      row.textContent = `${text(`device_${name}`)}: ${text(`is_${words[name]}`)}`;
      return row;
    });
    $("devices").replaceChildren(...rows);
    const isReady = ["camera", "mic", "speaker"].every((name) => words[name] === "ok");
    $("ready").textContent = text(isReady ? "ready" : Object.values(words).includes("unknown") ? "checking" : "not_ready");
    $("ready").dataset.word = isReady ? "ok" : Object.values(words).includes("unknown") ? "unknown" : "missing";
    $("self-word").textContent = words.camera === "ok" ? "" : text(`is_${words.camera}`);
    if (!$("device-note").dataset.told) $("device-note").textContent = !window.isSecureContext ? text("insecure") : Object.values(words).includes("denied") ? text("denied") : "";
  };
  const drawNext = () => {
    const now = clock.now(), one = dueMeeting() || plan.meetings.find((other) => other.starts_ms > now || other.closes_ms > now) || null;
    const isDue = one !== null && one === dueMeeting(), out = isDue && isOut(one) ? kept.out : null;
    $("next-kicker").textContent = one === null ? "" : now >= one.starts_ms ? text("running") : text("next");
    $("next-title").textContent = one === null ? text("no_meeting") : one.title;
    $("next-when").textContent = one === null ? "" : `${day(one.starts_ms)}, ${at(one.starts_ms)}–${at(one.ends_ms)}`;
    $("next-count").textContent = one !== null && now < one.starts_ms && one.starts_ms - now < 86_400_000 ? text("starts_in", { time: span(one.starts_ms - now) }) : "";
    let note = "";
    if (out) note = out.why === "kicked" ? text("kicked") : out.why === "asked" ? text("left_asked") : out.until ? text("left", { seconds: Math.ceil((out.until - now) / 1000) }) : "";
    else if (failure) note = text("failed", { why: failure, seconds: Math.max(0, Math.ceil((retryAt - Date.now()) / 1000)) });
    else if (isJoining) note = text("joining", { title: joinedFor?.title || "" });
    else if (one !== null && !isDue) note = text("joins_at", { time: at(one.join_ms) });
    $("next-note").textContent = note;
    $("join-now").hidden = !(out || (failure && isDue));
    $("stay-out").hidden = !(out && out.until > 0);
    $("later").replaceChildren(...plan.meetings.filter((other) => other !== one && other.starts_ms > now).slice(0, 3).map((other) => {
      const row = document.createElement("li");
      row.textContent = `${day(other.starts_ms)} ${at(other.starts_ms)} · ${other.title}`;
      return row;
    }));
  };
  const draw = () => {
    const now = clock.now();
    $("clock").textContent = $("foot-clock").textContent = at(now);
    $("date").textContent = new Intl.DateTimeFormat(language, { timeZone: Kiosk.page.zone, weekday: "long", day: "2-digit", month: "2-digit", year: "numeric" }).format(now);
    $("offline").hidden = Kiosk.link.isOnline;
    if (!Kiosk.link.isOnline) $("offline").querySelector("span").textContent = text("offline", { time: at(Kiosk.link.since) });
    drawNext();
    drawDevices();
    $("foot-title").textContent = joinedFor && meeting.api !== null ? joinedFor.title : "";
    $("foot-state").textContent = meeting.connection ? [text("in_meeting"), meeting.isVisitor ? text("visitor") : "", meeting.isAudioMuted === null ? "" : text(meeting.isAudioMuted ? "muted" : "live")].filter(Boolean).join(" · ") : "";
  };
  const drawLevel = () => {
    const level = devices.dbfs ?? -80;
    $("level").value = $("foot-level").value = level;
    $("level-word").textContent = text(devices.soundAge() !== null && devices.soundAge() < 5 ? "sound_heard" : "speak");
    $("level-db").textContent = devices.dbfs === null ? "" : `${Math.round(devices.dbfs)} dB`;
  };

  $("join-now").addEventListener("click", () => { Kiosk.keep({ out: null }); retryAt = 0; follow(); draw(); });
  $("stay-out").addEventListener("click", () => { Kiosk.keep({ out: { ...kept.out, until: 0, why: "chosen" } }); draw(); });
  $("full").addEventListener("click", () => document.documentElement.requestFullscreen?.().catch(() => {}));
  const tell = (words) => { $("device-note").dataset.told = words ? "1" : ""; $("device-note").textContent = words; };
  $("tone").addEventListener("click", async () => {
    const isHeard = await devices.tone();
    tell(isHeard === null ? "" : text(isHeard ? "tone_heard" : "tone_not_heard"));
    await devices.refresh();
  });
  $("check").addEventListener("click", async () => {
    const before = state;
    if (state === "waiting") state = "checking";
    tell("");
    draw();
    await devices.check();
    if (state === "checking") state = before;
    due.beat = 0;
    draw();
  });
  for (const box of document.querySelectorAll("[data-device]")) box.addEventListener("change", () => devices.choose(box.dataset.device, box.value));

  // ---- the heart: one tick a second ----
  const each = (name, every, work) => {
    if (Date.now() < due[name]) return;
    due[name] = Date.now() + every;
    work();
  };
  const tick = () => {
    if (state === "unpaired") return;
    if (!isPlanning) each("plan", PLAN_MS, askPlan);
    follow();
    if (meeting.connection) each("stats", STATS_MS, () => meeting.measure());
    if (!isBeating) each("beat", meeting.api !== null || isJoining || isSoon() ? BEAT_MS : REST_MS, beat);
    if (meeting.connection) each("peek", PEEK_MS, () => devices.peek());
    else each("look", 2000, () => devices.look());
    stayAwake();
    draw();
  };
  const begin = async () => {
    if (!Kiosk.page.endpoint) return;
    devices.screen();
    draw();
    if (!(await Kiosk.loadKey())) return unpaired();
    Kiosk.note("page_loaded");
    devices.open();
    setInterval(() => { devices.measure(); drawLevel(); }, 200);
    setInterval(tick, 1000);
    tick();
  };
  begin();
})();
