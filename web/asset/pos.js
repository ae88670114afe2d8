// The keypad of the point of sale, the question before money goes back, and photographs of receipts.
// Without this script the fields work as they are.
const entry = document.querySelector("[data-entry]");
const amount = document.querySelector("#amount");

// tidy keeps what can be an amount and groups its digits: "1250,5" → "1 250,5".
function tidy(text) {
  let [whole, ...rest] = text.replace(/\./g, ",").replace(/[^\d,]/g, "").split(",");
  whole = whole.replace(/^0+(?=\d)/, "").slice(0, 11).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
  return rest.length ? `${whole || "0"},${rest.join("").slice(0, 2)}` : whole;
}

function press(key) {
  amount.value = tidy(key === "back" ? amount.value.slice(0, -1) : amount.value + key);
}

if (entry) {
  const keys = entry.querySelector("[data-keys]");
  keys.hidden = false;
  keys.addEventListener("click", (event) => {
    const key = event.target.dataset.key;
    if (key) press(key);
  });
  // On a touch screen the keypad replaces the keyboard of the system.
  if (matchMedia("(pointer: coarse)").matches) amount.inputMode = "none";
  amount.addEventListener("input", () => {
    if (amount.selectionStart === amount.value.length) amount.value = tidy(amount.value);
  });
  amount.value = tidy(amount.value);
  // Before the browser judges the field: a comma with nothing after it is no mistake.
  entry.querySelector(".main").addEventListener("click", () => {
    amount.value = amount.value.replace(/,$/, "");
  });
  entry.addEventListener("submit", () => {
    // Disabled only after the browser has taken the form.
    setTimeout(() => (entry.querySelector(".main").disabled = true));
  });
  addEventListener("pageshow", () => (entry.querySelector(".main").disabled = false));
}

function ask(form) {
  const dialog = document.createElement("dialog");
  const part = (name, text, kind) => Object.assign(document.createElement(name), { textContent: text, className: kind });
  const row = part("div", "", "row keep");
  const no = part("button", form.dataset.no, "button");
  const yes = part("button", form.dataset.yes, "button danger");
  const figure = form.querySelector("#" + form.dataset.figure).value;
  row.append(no, yes);
  dialog.append(part("h2", form.dataset.confirm), part("p", `${figure} ${form.dataset.unit}`, "sum"), row);
  no.onclick = () => dialog.close();
  yes.onclick = () => {
    yes.disabled = true;
    form.submit();
  };
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
}

for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
}

// A photograph that was taken is sent at once.
for (const input of document.querySelectorAll("input[data-send]")) {
  input.addEventListener("change", () => input.files.length && input.form.requestSubmit());
}
