// Keeps a page of a request up to date: the server sends the part that changed
// whenever it has changed. Also the running clock, and the buttons that only a
// script can make work, which stay hidden without one.
const $ = (query) => document.querySelector(query);
const stage = $("[data-stream]");
const offline = $("[data-offline]");
let deadline = 0;

// startClock notes when the time is up. The server gives the seconds that are
// left, so a wrong clock on this device does no harm.
function startClock() {
  const clock = $("[data-left]");
  if (!clock) return;
  clock.hidden = false; // without a script it would stand still
  deadline = performance.now() + clock.dataset.left * 1000;
}

function tick() {
  const clock = $("[data-left]");
  if (!clock) return;
  const left = Math.max(0, Math.ceil((deadline - performance.now()) / 1000));
  const two = (n) => String(n).padStart(2, "0");
  clock.textContent = `${two(Math.floor(left / 60))}:${two(left % 60)}`;
}

function show(change) {
  $("#live").innerHTML = change.html; // drawn and escaped by our own server
  stage.dataset.state = change.state;
  stage.dataset.mark = change.mark;
  startClock();
  if (change.state === "paid") celebrate();
}

// celebrate moves on: a cashier to the next sale with Enter, a payer back to the shop.
function celebrate() {
  $("[data-next]")?.focus();
  const back = $("[data-return]");
  if (back) setTimeout(() => location.assign(back.dataset.return), 5000);
}

function watch() {
  const source = new EventSource(stage.dataset.stream);
  source.addEventListener("state", (event) => {
    const change = JSON.parse(event.data);
    if (offline) offline.hidden = true;
    if (change.mark !== stage.dataset.mark) show(change);
    if (change.final) source.close();
  });
  source.addEventListener("error", () => {
    if (offline) offline.hidden = false;
    // A browser gives up for good on an answer that is no stream, such as 503.
    if (source.readyState === EventSource.CLOSED) setTimeout(watch, 3000);
  });
  addEventListener("pagehide", () => source.close());
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  const name = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.done;
    setTimeout(() => (button.textContent = name), 2000);
  });
}
startClock();
setInterval(tick, 250);
const ended = ["paid", "expired", "canceled"];
if (stage && stage.dataset.stream && !ended.includes(stage.dataset.state)) watch();
// A page that comes back from the browser's memory may show an old state.
addEventListener("pageshow", (event) => event.persisted && location.reload());
