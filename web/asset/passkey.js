// Passkeys: asks the server for a challenge, the browser for its answer, and goes on where the server says. Each place
// that can use one is a [data-passkey] element, hidden until the browser is known to have what it takes.
const can = window.PublicKeyCredential?.parseRequestOptionsFromJSON && isSecureContext;

async function send(address, body) {
  const response = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const answer = response.headers.get("Content-Type")?.startsWith("application/json") ? await response.json() : { error: "failed" };
  if (answer.error) throw Object.assign(new Error(answer.error), { refused: answer.error });
  return answer;
}

async function get(place) {
  const { ticket, options } = await send(place.dataset.begin, {});
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey);
  const made = await navigator.credentials.get({ publicKey });
  return send(place.dataset.finish, { ticket, response: made.toJSON(), next: place.dataset.next });
}

async function create(place) {
  const fields = Object.fromEntries(new FormData(place.querySelector("form")));
  const { ticket, options } = await send(place.dataset.begin, fields);
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey);
  const made = await navigator.credentials.create({ publicKey });
  return send(place.dataset.finish, { ticket, name: fields.name, response: made.toJSON() });
}

async function run(place, ask) {
  const failed = place.querySelector("[data-failed]");
  failed.hidden = true;
  try {
    location.assign((await ask(place)).next);
  } catch (error) {
    failed.textContent = (error.refused === "proof" && failed.dataset.refused) || failed.dataset.failed;
    failed.hidden = false;
  }
}

for (const place of document.querySelectorAll("[data-passkey]")) {
  if (!can) continue;
  place.hidden = false;
  const form = place.querySelector("form");
  if (form) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      run(place, create);
    });
  } else {
    place.querySelector("button").addEventListener("click", () => run(place, get));
  }
}
