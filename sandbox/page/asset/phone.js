// Makes the phone handier. Every screen works without it.
"use strict";

// Choosing a payer or a photo is enough; the buttons for it are for browsers without scripts.
for (const form of document.querySelectorAll("[data-choose]")) {
  form.querySelector("button").hidden = true;
  form.querySelector("select").addEventListener("change", () => form.submit());
}
const scan = document.querySelector("[data-scan]");
if (scan) {
  scan.classList.add("handy");
  scan.elements.photo.addEventListener("change", () => scan.elements.photo.files.length && scan.submit());
}

// A second press of "pay" is harmless, but it should not look possible. The browser's way back makes it possible again.
for (const form of document.querySelectorAll("[data-once]")) {
  const button = form.querySelector("button");
  form.addEventListener("submit", () => { button.disabled = true; });
  addEventListener("pageshow", (event) => { if (event.persisted) button.disabled = false; });
}

// The camera: the browser's own detector where it has one, else a frame now and then is read by the bank.
const open = document.querySelector("[data-camera]");
const finder = document.querySelector("[data-finder]");
if (open && finder && navigator.mediaDevices && finder.showModal) {
  const video = finder.querySelector("video");
  const alert = finder.querySelector("[role=alert]");
  let stream = null;
  open.hidden = false;
  open.addEventListener("click", start);
  finder.querySelector("[data-close]").addEventListener("click", () => finder.close());
  finder.addEventListener("close", stop);

  async function start() {
    alert.hidden = true;
    finder.showModal();
    try {
      const got = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
      if (!finder.open) return got.getTracks().forEach((track) => track.stop());
      stream = got;
      video.srcObject = stream;
      await video.play();
      look(await reader());
    } catch {
      alert.textContent = finder.dataset.denied;
      alert.hidden = false;
    }
  }

  function stop() {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
  }

  async function reader() {
    try {
      if ("BarcodeDetector" in window && (await BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
        const detector = new BarcodeDetector({ formats: ["qr_code"] });
        return async () => { const found = await detector.detect(video); return found.length ? found[0].rawValue : ""; };
      }
    } catch { /* Some browsers have the name but not the thing. */ }
    return ask;
  }

  async function ask() {
    const canvas = document.createElement("canvas");
    const shrink = Math.min(1, 1000 / Math.max(video.videoWidth, video.videoHeight, 1));
    canvas.width = video.videoWidth * shrink;
    canvas.height = video.videoHeight * shrink;
    if (!canvas.width || !canvas.height) return "";
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const frame = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    const response = await fetch(finder.dataset.decode, { method: "POST", body: frame, headers: { "Content-Type": "image/jpeg" } });
    return response.ok ? (await response.json()).text : "";
  }

  async function look(read) {
    while (stream) {
      const text = await read().catch(() => "");
      if (text && stream) {
        scan.elements.link.value = text;
        finder.close();
        scan.submit();
        return;
      }
      await new Promise((done) => setTimeout(done, 400));
    }
  }
}
