// The kiosk's devices: which there are, which is chosen, whether sound is heard and the picture is not black.
(() => {
  "use strict";
  const Kiosk = window.Kiosk;
  const HEARD_DBFS = -50; // speech at a table microphone is some -45 to -20 dB below full scale; an empty room -65
  const DEAD_DBFS = -95; // digital silence: the cable is out or the microphone's switch is off
  const BLACK = 0.04; // mean luma of a covered lens; a dark room with a screen has 0.1
  const KINDS = { camera: "videoinput", mic: "audioinput", speaker: "audiooutput" };
  const devices = (Kiosk.devices = {
    lists: { camera: [], mic: [], speaker: [] },
    words: { camera: "unknown", mic: "unknown", speaker: "unknown", display: "unknown" },
    dbfs: null, loudest: null, luma: null, heardAt: 0, toneHeard: null, onChange: () => {},
  });
  let audio = null, analyser = null, samples = null, sound = null, picture = null, deadSince = 0, isOpening = false;
  const video = () => document.getElementById("self");
  const plain = (name) => name.replace(/\s*\([0-9a-f]{4}:[0-9a-f]{4}\)$/i, "");

  const word = (name, value) => {
    const before = devices.words[name];
    devices.words[name] = value;
    if (before === value) return;
    const isBad = (one) => ["missing", "denied", "failed", "silent", "black"].includes(one);
    if (isBad(value)) Kiosk.note("device_lost", { type: name, message: value });
    else if (isBad(before)) Kiosk.note("device_back", { type: name });
    devices.onChange();
  };
  const problem = (error) =>
    error.name === "NotAllowedError" ? "denied" : ["NotFoundError", "OverconstrainedError"].includes(error.name) ? "missing" : "failed";

  devices.chosen = (kind) => {
    const label = Kiosk.kept.chosen[kind];
    return devices.lists[kind].find((one) => one.label === label) || null;
  };
  devices.labels = () => {
    const found = { chosen: {} };
    for (const kind of Object.keys(KINDS)) {
      found[kind] = devices.lists[kind].map((one) => one.label).filter(Boolean);
      found.chosen[kind] = devices.chosen(kind)?.label || "";
    }
    return found;
  };
  devices.refresh = async () => {
    if (!navigator.mediaDevices) {
      for (const kind of Object.keys(KINDS)) word(kind, "denied");
      return;
    }
    const all = await navigator.mediaDevices.enumerateDevices();
    for (const [kind, type] of Object.entries(KINDS)) {
      devices.lists[kind] = all
        .filter((one) => one.kind === type && !["default", "communications"].includes(one.deviceId))
        .map((one) => ({ id: one.deviceId, label: plain(one.label) }));
      if (!devices.lists[kind].length) word(kind, "missing");
    }
    if (devices.lists.speaker.length) word("speaker", devices.toneHeard === false ? "silent" : "ok");
    devices.onChange();
  };
  const wanted = (kind) => (devices.chosen(kind) ? { deviceId: { exact: devices.chosen(kind).id } } : {});

  const stop = (stream) => stream?.getTracks().forEach((track) => { track.onended = null; track.stop(); });
  const openSound = async () => {
    stop(sound);
    sound = null;
    try {
      sound = await navigator.mediaDevices.getUserMedia({ audio: { ...wanted("mic"), autoGainControl: false, noiseSuppression: false } });
    } catch (error) { word("mic", problem(error)); return; }
    sound.getAudioTracks()[0].onended = () => { sound = null; word("mic", "missing"); };
    audio = audio || new AudioContext();
    analyser = audio.createAnalyser();
    analyser.fftSize = 2048;
    samples = new Float32Array(analyser.fftSize);
    audio.createMediaStreamSource(sound).connect(analyser);
    deadSince = 0;
    word("mic", "ok");
  };
  const openPicture = async () => {
    stop(picture);
    picture = null;
    try {
      picture = await navigator.mediaDevices.getUserMedia({ video: { ...wanted("camera"), width: { ideal: 1280 }, height: { ideal: 720 } } });
    } catch (error) { word("camera", problem(error)); return; }
    picture.getVideoTracks()[0].onended = () => { picture = null; video().srcObject = null; word("camera", "missing"); };
    video().srcObject = picture;
    if (devices.words.camera !== "black") word("camera", "ok");
  };
  devices.open = async () => {
    if (isOpening || !navigator.mediaDevices) { await devices.refresh(); return; }
    isOpening = true;
    try {
      await Promise.all([openSound(), openPicture()]);
      await devices.refresh(); // labels are told only once one device is allowed
    } finally { isOpening = false; }
  };
  devices.giveUpPicture = () => { stop(picture); picture = null; video().srcObject = null; };
  devices.takePicture = () => (picture ? Promise.resolve() : openPicture());
  devices.choose = async (kind, label) => {
    const before = Kiosk.kept.chosen[kind] || "";
    Kiosk.keep({ chosen: { ...Kiosk.kept.chosen, [kind]: label } });
    if (kind === "mic") await openSound();
    if (kind === "camera" && picture) await openPicture();
    await devices.refresh();
    return before;
  };

  // ---- level: root mean square of the last 43 ms, in decibels below full scale; a heartbeat tells the loudest ----
  devices.measure = () => {
    if (analyser === null || sound === null) { devices.dbfs = null; return; }
    if (audio.state === "suspended") audio.resume().catch(() => {});
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    devices.dbfs = Math.max(-100, 10 * Math.log10(sum / samples.length || 1e-10));
    const now = Date.now();
    devices.loudest = Math.max(devices.loudest ?? -100, devices.dbfs);
    if (devices.dbfs > HEARD_DBFS) devices.heardAt = now;
    if (audio.state !== "running" || devices.dbfs > DEAD_DBFS) deadSince = 0;
    else deadSince = deadSince || now;
    if (sound) word("mic", deadSince && now - deadSince > 30_000 ? "silent" : "ok");
  };

  // ---- picture: mean luma (ITU-R BT.709) of a small copy ----
  const canvas = document.createElement("canvas");
  canvas.width = 32;
  canvas.height = 18;
  const luma = () => {
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(video(), 0, 0, canvas.width, canvas.height);
    const points = pen.getImageData(0, 0, canvas.width, canvas.height).data;
    let sum = 0;
    for (let i = 0; i < points.length; i += 4) sum += 0.2126 * points[i] + 0.7152 * points[i + 1] + 0.0722 * points[i + 2];
    return sum / (points.length / 4) / 255;
  };
  devices.look = () => {
    if (picture === null || video().readyState < 2) return;
    devices.luma = Math.round(luma() * 1000) / 1000;
    word("camera", devices.luma < BLACK ? "black" : "ok");
  };
  // In a meeting the camera is Jitsi's; a second reader gets the same frames for a moment
  devices.peek = async () => {
    if (picture !== null || !navigator.mediaDevices) return;
    await openPicture();
    if (picture === null) return;
    await new Promise((resolve) => { video().onloadeddata = resolve; setTimeout(resolve, 3000); });
    devices.look();
    devices.giveUpPicture();
  };

  // ---- test tone: two seconds of 440 Hz to the chosen speaker; heard when the microphone rises by 10 dB ----
  devices.tone = async () => {
    audio = audio || new AudioContext();
    if (audio.state === "suspended") await audio.resume().catch(() => {});
    const speaker = devices.chosen("speaker");
    if (speaker && audio.setSinkId) await audio.setSinkId(speaker.id).catch(() => {});
    const wave = audio.createOscillator(), loud = audio.createGain();
    loud.gain.value = 0.25;
    wave.frequency.value = 440;
    wave.connect(loud).connect(audio.destination);
    const before = devices.dbfs;
    let loudest = -100;
    wave.start();
    const until = Date.now() + 2000;
    while (Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      devices.measure();
      if (devices.dbfs !== null) loudest = Math.max(loudest, devices.dbfs);
    }
    wave.stop();
    devices.toneHeard = before === null ? null : loudest > Math.max(before + 10, -60);
    return devices.toneHeard;
  };
  devices.check = async () => {
    await devices.open();
    await new Promise((resolve) => setTimeout(resolve, 800));
    devices.measure();
    if (picture) devices.look();
    else await devices.peek();
    return devices.words;
  };
  devices.screen = () => word("display", document.visibilityState === "visible" ? "ok" : "hidden");
  devices.takeLoudest = () => { const level = devices.loudest; devices.loudest = null; return level ?? devices.dbfs; };
  devices.soundAge = () => (devices.heardAt ? Math.round((Date.now() - devices.heardAt) / 1000) : null);

  if (navigator.mediaDevices) navigator.mediaDevices.addEventListener("devicechange", async () => {
    Kiosk.note("deviceListChanged");
    await devices.refresh();
    if (devices.lists.mic.length && sound === null) await openSound();
    if (devices.lists.camera.length && picture === null && document.body.dataset.view === "waiting") await openPicture();
    devices.onChange();
  });
})();
