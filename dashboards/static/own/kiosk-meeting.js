// The kiosk's meeting: Jitsi's IFrame API opened, listened to, steered and closed. Decides nothing about when.
(() => {
  "use strict";
  const Kiosk = window.Kiosk;
  const EVENTS = [
    "videoConferenceJoined", "videoConferenceLeft", "participantJoined", "participantLeft", "participantKickedOut",
    "participantRoleChanged", "cameraError", "micError", "audioAvailabilityChanged", "videoAvailabilityChanged",
    "audioMuteStatusChanged", "videoMuteStatusChanged", "deviceListChanged", "peerConnectionFailure", "errorOccurred",
    "suspendDetected", "readyToClose", "dataChannelOpened", "recordingStatusChanged", "passwordRequired",
    "knockingParticipant", "audioOnlyChanged",
  ];
  const QUIET = new Set(["participantJoined", "participantLeft", "audioMuteStatusChanged", "videoMuteStatusChanged"]);
  const meeting = (Kiosk.meeting = {
    api: null, id: null, connection: "", isVisitor: false, isAudioMuted: null, isVideoMuted: null, isAudioOnly: false,
    stats: {}, height: 720, onJoined: () => {}, onEnded: () => {},
  });
  const others = new Set();
  let brokenAt = 0;

  const loaded = new Map();
  const load = (address) => {
    if (typeof window.JitsiMeetExternalAPI === "function" && loaded.get("now") === address) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = () => { loaded.set("now", address); resolve(); };
      script.onerror = () => { script.remove(); reject(new Error("no_script")); };
      document.head.append(script);
    });
  };

  const small = (values) => {
    const told = {};
    for (const name of ["name", "type", "message"]) if (typeof values?.[name] === "string") told[name] = values[name].slice(0, 200);
    for (const name of ["isFatal", "available", "muted", "on", "visitor"]) if (typeof values?.[name] === "boolean") told[name] = values[name];
    if (typeof values?.error === "string") told.error = values.error.slice(0, 200);
    if (values?.kicked?.local) told.local = true;
    return told;
  };
  // What an installation reports with a type that nobody knows yet is passed on and otherwise survived
  const heard = (name, values) => {
    if (!QUIET.has(name)) Kiosk.note(name, small(values));
    if (name === "videoConferenceJoined") {
      Object.assign(meeting, { connection: String(values?.id || "").slice(0, 8), isVisitor: values?.visitor === true });
      brokenAt = 0;
      volume(Kiosk.kept.volume);
      meeting.onJoined();
    } else if (name === "videoConferenceLeft" || name === "readyToClose") {
      end(Date.now() - brokenAt < 15_000 || !Kiosk.link.isOnline ? "lost" : "left");
    } else if (name === "participantKickedOut" && values?.kicked?.local) end("kicked");
    else if (name === "suspendDetected") end("lost");
    else if (name === "errorOccurred" || name === "peerConnectionFailure") {
      brokenAt = Date.now();
      if (values?.isFatal === true) end("lost");
    } else if (name === "audioMuteStatusChanged") meeting.isAudioMuted = values?.muted === true;
    else if (name === "videoMuteStatusChanged") meeting.isVideoMuted = values?.muted === true;
    else if (name === "audioOnlyChanged") meeting.isAudioOnly = values?.audioOnlyChanged === true || values?.enabled === true;
    else if (name === "cameraError") Kiosk.devices.words.camera = word(values);
    else if (name === "micError") Kiosk.devices.words.mic = word(values);
    else if (name === "participantJoined") { others.add(values?.id); volume(Kiosk.kept.volume); }
    else if (name === "participantLeft") others.delete(values?.id);
  };
  const word = (values) => (/permission/.test(values?.type || "") ? "denied" : /not_found/.test(values?.type || "") ? "missing" : "failed");

  const end = (why) => {
    if (meeting.api === null) return;
    const id = meeting.id;
    meeting.close();
    meeting.onEnded(id, why);
  };
  meeting.close = () => {
    const api = meeting.api;
    Object.assign(meeting, { api: null, id: null, connection: "", isVisitor: false, isAudioMuted: null, isVideoMuted: null, stats: {} });
    others.clear();
    try { api?.dispose(); } catch { /* half made: its frame goes below */ }
    document.getElementById("frame").replaceChildren();
  };
  meeting.open = async (order) => {
    await load(order.script);
    const devices = Kiosk.devices;
    const api = new window.JitsiMeetExternalAPI(order.domain, {
      ...order.options, jwt: order.jwt, noSSL: order.no_ssl, width: "100%", height: "100%",
      parentNode: document.getElementById("frame"),
      devices: {
        audioInput: devices.chosen("mic")?.label, audioOutput: devices.chosen("speaker")?.label,
        videoInput: devices.chosen("camera")?.label,
      },
    });
    Object.assign(meeting, { api, id: order.meeting_id, height: order.options.configOverwrite.resolution, isAudioOnly: false });
    let known = null;
    try { known = api.getSupportedEvents?.(); } catch { /* an older API: listen to all */ }
    for (const name of EVENTS) {
      if (Array.isArray(known) && !known.includes(name)) continue;
      try { api.addListener(name, (values) => { if (meeting.api === api) heard(name, values); }); } catch { /* not offered */ }
    }
  };

  // ---- functions and commands, by what the API offers ----
  const call = async (name, ...values) => {
    const api = meeting.api;
    if (api === null) throw new Error("not_in_meeting");
    if (typeof api[name] !== "function") throw new Error("not_supported");
    return Promise.race([api[name](...values), new Promise((_resolve, reject) => setTimeout(() => reject(new Error("no_answer")), 5000))]);
  };
  const command = (name, ...values) => {
    const api = meeting.api;
    if (api === null) throw new Error("not_in_meeting");
    let known = null;
    try { known = api.getSupportedCommands?.(); } catch { /* an older API */ }
    if (Array.isArray(known) && !known.includes(name)) throw new Error("not_supported");
    api.executeCommand(name, ...values);
  };
  const volume = (percent) => {
    if (percent >= 100 && !meeting.wasQuieter) return;
    meeting.wasQuieter = percent < 100;
    for (const id of others) try { command("setParticipantVolume", id, percent / 100); } catch { /* not offered */ }
  };
  meeting.setVolume = (percent) => {
    command("setParticipantVolume", [...others][0] || "", percent / 100);
    const before = Kiosk.kept.volume;
    Kiosk.keep({ volume: percent });
    volume(percent);
    return before;
  };
  meeting.setAudioMuted = async (muted) => {
    const is = await call("isAudioMuted");
    if (is !== muted) command("toggleAudio");
  };
  meeting.setVideoMuted = async (muted) => {
    const is = await call("isVideoMuted");
    if (is !== muted) command("toggleVideo");
  };
  meeting.setAudioOnly = (isOn) => { command("setAudioOnly", isOn); meeting.isAudioOnly = isOn; };
  meeting.setHeight = (height) => { command("setVideoQuality", height); const before = meeting.height; meeting.height = height; return before; };
  meeting.useDevice = (kind, label) => {
    const name = { mic: "setAudioInputDevice", speaker: "setAudioOutputDevice", camera: "setVideoInputDevice" }[kind];
    return call(name, label, Kiosk.devices.lists[kind].find((one) => one.label === label)?.id);
  };
  meeting.leave = () => { try { command("hangup"); } catch { /* closed below */ } };

  const number = (value) => (typeof value === "number" && Number.isFinite(value) ? value : undefined);
  meeting.measure = async () => {
    let said;
    try { said = await call("getConnectionStats"); } catch { meeting.stats = {}; return; }
    const way = said?.transport?.[0] || {};
    const heights = Object.values(said?.resolution?.[meeting.connection] || {}).map((one) => one?.height).filter(Number.isFinite);
    meeting.stats = {
      quality: number(said?.connectionQuality), rtt_ms: number(said?.jvbRTT) ?? number(way.rtt),
      loss_down_pct: number(said?.packetLoss?.download), loss_up_pct: number(said?.packetLoss?.upload),
      down_kbps: number(said?.bitrate?.download), up_kbps: number(said?.bitrate?.upload),
      bwe_down_kbps: number(said?.bandwidth?.download), bridge_count: number(said?.bridgeCount),
      transport: way.type, candidate: way.localCandidateType, resolution_up: heights.length ? Math.max(...heights) : undefined,
    };
    try { meeting.isVisitor = (await call("isVisitor")) === true || meeting.isVisitor; } catch { /* not offered */ }
  };
})();
