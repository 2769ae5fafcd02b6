// Conveniences of the pages about people: parts that follow what is typed, checks on leaving a field, numbers that hide
// again, scanning. Everything works without it.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// ---- a dialog that the server opened becomes a modal one -------------------------------------------------------
for (const dialog of $$("dialog[data-modal][open]")) { dialog.close(); dialog.showModal(); }

// ---- parts of a form that follow what is typed -----------------------------------------------------------------
for (const box of $$("[data-fragment]")) {
  const form = box.closest("form") ?? box.parentElement.querySelector("form");
  const names = box.dataset.fields.split(" ");
  let wait, asked = 0;

  const ask = async (kept = {}) => {
    const mine = ++asked;
    const body = new FormData();
    body.set("__RequestVerificationToken", form.elements.__RequestVerificationToken.value);
    for (const name of names) body.set(name, kept[name]?.[0] ?? form.elements[name]?.value ?? "");
    const answer = await fetch(box.dataset.fragment, { method: "POST", body }).catch(() => null);
    if (mine !== asked || !answer?.ok) return; // an older question, or no answer: what stands there stays
    const focus = box.contains(document.activeElement) ? document.activeElement.name : null;
    box.innerHTML = await answer.text(); // made by the server from encoded text
    if (focus) $(`[name="${CSS.escape(focus)}"]`, box)?.focus();
  };

  form.addEventListener("input", (e) => {
    // What is chosen last in a part changes nothing else in it.
    if (!names.includes(e.target.name) || (box.contains(e.target) && e.target.name === names.at(-1))) return;
    clearTimeout(wait);
    wait = setTimeout(ask, e.target.tagName === "SELECT" ? 0 : 300);
  });

  // What was kept of a form that was left: choices that depend on others come back with them.
  const who = document.querySelector("#draft")?.dataset.who ?? "";
  const draft = form.dataset.draft && sessionStorage.getItem(`draft ${who} ${location.pathname} ${form.dataset.draft}`);
  const kept = draft ? JSON.parse(draft) : {};
  if (names.some((name) => kept[name]?.[0])) ask(kept);
}

// ---- what does not fit is said when the field is left ----------------------------------------------------------
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

function fault(kind, text, words) {
  if (kind === "phone") return /^1\d*$/.test(text) && text.length !== 11 ? words.length.replace("{0}", text.length) : null;
  if (text.length !== 18) return words.length.replace("{0}", text.length);
  const sum = weights.reduce((all, weight, i) => all + weight * Number(text[i]), 0);
  return "10X98765432"[sum % 11] === text[17].toUpperCase() ? null : words.wrong;
}

for (const words of $$("[data-check-for]")) {
  const field = document.getElementById(words.dataset.checkFor);
  field?.addEventListener("change", () => {
    const text = field.value.replace(/[\s-]/g, "");
    const wrong = text === "" ? "" : fault(words.dataset.kind, text, words.dataset);
    words.className = wrong ? "field__error" : "field__ok";
    words.textContent = text === "" ? "" : wrong ?? words.dataset.right;
  });
}

// ---- full numbers hide again -----------------------------------------------------------------------------------
const shown = $$("[data-seconds]");
if (shown.length > 0) {
  const until = Date.now() + Number(shown[0].dataset.seconds) * 1000;
  const note = $("[data-left]");
  const hide = () => {
    for (const number of shown) number.textContent = number.dataset.mask;
    if (note) note.textContent = "";
    clearInterval(ticking);
  };
  const ticking = setInterval(() => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left <= 0) hide();
    else if (note && left % 10 === 0) note.textContent = note.dataset.left.replace("{0}", left);
  }, 500);
  addEventListener("pagehide", hide); // not in a page kept for the way back either
}

// ---- a certificate's number by the camera, where the browser can -----------------------------------------------
const scan = $("[data-scan]");
const view = $("[data-scan-view]");
if (scan && "BarcodeDetector" in window && navigator.mediaDevices) {
  scan.hidden = false;
  let stream;
  const stop = () => { stream?.getTracks().forEach((t) => t.stop()); stream = undefined; view.hidden = true; };
  scan.addEventListener("click", async () => {
    if (stream) return stop();
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).catch(() => undefined);
    if (!stream) return document.getElementById(scan.dataset.scan).focus(); // no camera: it is typed
    view.srcObject = stream;
    view.hidden = false;
    await view.play();
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    while (stream) {
      const [found] = await detector.detect(view).catch(() => []);
      const number = found?.rawValue.replace(/[\s-]/g, "").match(/\d{16}[0-9A-HJ-NP-RTUWXY]/)?.[0];
      if (number) {
        const field = document.getElementById(scan.dataset.scan);
        field.value = number;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        stop();
      }
      await new Promise((next) => { setTimeout(next, 200); });
    }
  });
}
