// A stand-in for Jitsi's external_api.js in the kiosk's tests: the names and shapes of the IFrame API, no media.
// The test steers it through window.stub: what fails, what is told, what was asked.
(() => {
  "use strict";
  const stub = (window.stub = { apis: [], commands: [], delay: 50, fails: 0, stats: STATS });
  const hex = () => [...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  window.JitsiMeetExternalAPI = class {
    constructor(domain, options) {
      Object.assign(this, { domain, options, listeners: {}, muted: options.configOverwrite.startWithAudioMuted, hidden: false, isOpen: true });
      this.frame = document.createElement("iframe");
      this.frame.src = `${options.noSSL ? "http" : "https"}://${domain}/${options.roomName}`;
      this.frame.style.width = this.frame.style.height = "100%";
      options.parentNode.append(this.frame);
      this.id = hex();
      stub.apis.push(this);
      if (stub.fails > 0) {
        stub.fails -= 1;
        setTimeout(() => this.tell("errorOccurred", { name: "conference.connectionError.accessDenied", type: "CONFERENCE", isFatal: true, details: null, message: "" }), 20);
      } else if (stub.delay !== null) setTimeout(() => this.join(), stub.delay);
    }
    join() { this.tell("videoConferenceJoined", { roomName: this.options.roomName, id: this.id, displayName: this.options.userInfo.displayName, avatarURL: "", breakoutRoom: false, visitor: false }); }
    tell(name, values) { if (this.isOpen) (this.listeners[name] || []).forEach((one) => one(values)); }
    addListener(name, work) { (this.listeners[name] ||= []).push(work); }
    getSupportedEvents() { return EVENTS; }
    getSupportedCommands() { return ["toggleAudio", "toggleVideo", "hangup", "setVideoQuality", "setAudioOnly", "setParticipantVolume"]; }
    async isAudioMuted() { return this.muted; }
    async isVideoMuted() { return this.hidden; }
    async isVisitor() { return false; }
    async getConnectionStats() { return stub.stats; }
    async setAudioInputDevice(label, id) { stub.commands.push(["setAudioInputDevice", label, id]); }
    async setVideoInputDevice(label, id) { stub.commands.push(["setVideoInputDevice", label, id]); }
    executeCommand(name, ...values) {
      stub.commands.push([name, ...values]);
      if (name === "toggleAudio") { this.muted = !this.muted; this.tell("audioMuteStatusChanged", { muted: this.muted }); }
      if (name === "toggleVideo") { this.hidden = !this.hidden; this.tell("videoMuteStatusChanged", { muted: this.hidden }); }
      if (name === "hangup") { this.tell("videoConferenceLeft", { roomName: this.options.roomName }); this.tell("readyToClose", {}); }
    }
    dispose() { this.isOpen = false; this.frame.remove(); }
  };
})();
