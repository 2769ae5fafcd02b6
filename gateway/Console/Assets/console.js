// Everything here is a convenience: pages work without it. No state of the business lives in the browser.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// ---- quick find ------------------------------------------------------------------------------------------------
const palette = $("#palette");
const query = $("#palette-q");
const list = $("#palette-list");
let asked = 0;

function openPalette() {
  if (!palette || palette.open) return;
  palette.showModal();
  query.value = "";
  find();
  query.focus();
}

async function find() {
  const mine = ++asked;
  const form = new FormData();
  const guard = $("[data-guard]", palette);
  form.set(guard.name, guard.value);
  form.set("words", query.value);
  const answer = await fetch("/palette", { method: "POST", body: form });
  if (mine !== asked) return; // an older question
  if (answer.status === 401) return sessionOver();
  if (!answer.ok) return;
  list.innerHTML = await answer.text(); // made by the server from encoded text
  mark(0);
}

function mark(index) {
  const options = $$("[role=option]", list);
  query.setAttribute("aria-expanded", String(options.length > 0));
  if (options.length === 0) return query.removeAttribute("aria-activedescendant");
  const at = (index + options.length) % options.length;
  options.forEach((o, i) => o.setAttribute("aria-selected", String(i === at)));
  query.setAttribute("aria-activedescendant", options[at].id);
  options[at].scrollIntoView({ block: "nearest" });
}

if (palette) {
  let wait;
  query.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(find, 150); });
  query.addEventListener("keydown", (e) => {
    const options = $$("[role=option]", list);
    const at = options.findIndex((o) => o.getAttribute("aria-selected") === "true");
    if (e.key === "ArrowDown") { e.preventDefault(); mark(at + 1); }
    if (e.key === "ArrowUp") { e.preventDefault(); mark(at - 1); }
    if (e.key === "Escape") { e.preventDefault(); palette.close(); } // a search field would only empty itself
    if (e.key === "Enter" && options[at]) { e.preventDefault(); location.assign(options[at].dataset.href); }
  });
  list.addEventListener("click", (e) => {
    const option = e.target.closest("[role=option]");
    if (option) location.assign(option.dataset.href);
  });
  $$("[data-palette]").forEach((a) => a.addEventListener("click", (e) => { e.preventDefault(); openPalette(); }));
}

// ---- keyboard --------------------------------------------------------------------------------------------------
const ways = { h: "/", t: "/?list=todo", r: "/reconciliation", i: "/coming-in/new", o: "/going-out/new", m: "/members" };
let leader = 0;

function typing(target) {
  return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]") !== null;
}

function rows() { return $$("table.data tbody tr, [data-rows] > *"); }

function step(by) {
  const all = rows();
  if (all.length === 0) return;
  const at = all.indexOf(document.activeElement.closest("tr, [data-rows] > *"));
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  const target = $("a.name, a, button", next) ?? next;
  target.focus();
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (e) => {
  if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k") { e.preventDefault(); return openPalette(); }
  if (e.ctrlKey && e.key === "Enter") {
    const own = e.target.closest("form:not(.menu__form)");
    const primary = own?.querySelector("button.btn--primary, button[type=submit]") ?? $("main .btn--primary");
    if (primary) { e.preventDefault(); primary.click(); }
    return;
  }
  if (e.altKey && /^[1-9]$/.test(e.key)) {
    const tab = $$(".tabs a, [data-tabs] a")[Number(e.key) - 1];
    if (tab) { e.preventDefault(); tab.click(); }
    return;
  }
  if (e.ctrlKey || e.altKey || e.metaKey || typing(e.target) || document.body.dataset.keys === "off") return;
  if ($("dialog[open]")) return;
  const key = e.key.toLowerCase();
  if (Date.now() - leader < 1500 && ways[key]) { leader = 0; return location.assign(ways[key]); }
  leader = key === "g" ? Date.now() : 0;
  const row = e.target.closest("table.data tbody tr, [data-rows] > *");
  if (key === "/") { e.preventDefault(); openPalette(); }
  else if (key === "?") location.assign("/keyboard");
  else if (key === "j") step(1);
  else if (key === "k") step(-1);
  else if (key === "a" && row) $(".btn--row, .btn", row)?.click();
  else if ((key === "x" || key === " ") && row && $("input.check", row)) { e.preventDefault(); $("input.check", row).click(); }
  else if ((key === "1" || key === "2") && e.target.closest("[data-choose]"))
    $$("input[type=radio]", e.target.closest("[data-choose]"))[Number(key) - 1]?.click();
  else if (key === "c" && $("#say")) { e.preventDefault(); $("#say").focus(); }
});

// ---- dialogs opened by a button --------------------------------------------------------------------------------
document.addEventListener("click", (e) => {
  const opener = e.target.closest("[data-dialog]");
  if (opener) { e.preventDefault(); $(`#${CSS.escape(opener.dataset.dialog)}`)?.showModal(); }
  if (e.target.closest("[data-close]")) { e.preventDefault(); e.target.closest("dialog")?.close(); }
});

// ---- what was typed stays --------------------------------------------------------------------------------------
// Per person, tab and address, until the form is sent or the person signs out. Never numbers of documents, telephones,
// where somebody lives, passwords.
const note = $("#draft");

function kept(form) {
  return $$("input, textarea, select", form).filter((f) => f.name && f.dataset.keep !== "no" && f.inputMode !== "tel"
    && !["hidden", "password", "file"].includes(f.type));
}

function say(text) {
  if (!note) return;
  note.textContent = text;
  note.hidden = false;
  setTimeout(() => { note.hidden = true; }, 4000);
}

document.addEventListener("submit", (e) => { if (e.target.matches("[action='/sign-out']")) sessionStorage.clear(); });

// A form that went through led to another page: what was kept for it has served.
const sent = sessionStorage.getItem("sent");
if (sent && !$(".error-summary") && document.querySelector("main")) {
  sessionStorage.removeItem(sent);
  sessionStorage.removeItem("sent");
}

for (const form of $$("form[data-draft]")) {
  const place = `draft ${note?.dataset.who ?? ""} ${location.pathname} ${form.dataset.draft}`;
  const stored = sessionStorage.getItem(place);
  const refused = $(".error-summary") !== null; // the server sent the form back with what was typed
  if (stored && !refused) {
    let changed = false;
    for (const [name, value] of Object.entries(JSON.parse(stored))) {
      const fields = kept(form).filter((f) => f.name === name);
      for (const f of fields) {
        if (f.type === "radio" || f.type === "checkbox") { f.checked = value.includes(f.value); changed ||= f.checked; }
        else if (f.value !== value[0]) { f.value = value[0] ?? ""; changed = true; }
      }
    }
    if (changed) say(note.dataset.back);
  }
  let wait;
  form.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(() => {
      const values = {};
      for (const f of kept(form)) {
        values[f.name] ??= [];
        if (f.type === "radio" || f.type === "checkbox") { if (f.checked) values[f.name].push(f.value); }
        else values[f.name].push(f.value);
      }
      sessionStorage.setItem(place, JSON.stringify(values));
      const now = new Date();
      say(note.dataset.saved.replace("{0}", now.toTimeString().slice(0, 5)));
    }, 600);
  });
  form.addEventListener("submit", () => sessionStorage.setItem("sent", place));
}

// ---- what was refused ------------------------------------------------------------------------------------------
// "Required" alone says little: each line of the summary begins with the word beside the field it leads to.
for (const line of $$(".error-summary a")) {
  const name = decodeURIComponent(line.hash.slice(1));
  const field = document.getElementById(name)
    ?? $(`[name="${CSS.escape(name)}"][aria-invalid]:not([type=radio], [type=checkbox])`);
  const label = field?.labels?.[0] ?? (field && $("legend", field));
  const word = label?.firstChild?.textContent.trim();
  if (!word) continue;
  line.hash = field.id;
  if (!line.textContent.includes(word)) line.prepend(word, document.documentElement.lang.startsWith("zh") ? "：" : ": ");
}

// ---- the session -----------------------------------------------------------------------------------------------
const ending = $("#session");
let lastClick = Date.now();

function sessionOver() { ending?.open && ending.close(); const over = $("#session-over"); if (over && !over.open) over.showModal(); }

if (ending) {
  const idle = Number(ending.dataset.idleMinutes) * 60_000;
  $("[data-stay]", ending).addEventListener("click", async () => {
    const answer = await fetch("/session");
    if (answer.status === 401) return sessionOver();
    lastClick = Date.now();
    ending.close();
  });
  setInterval(() => {
    const left = idle - (Date.now() - lastClick);
    if (left <= 0) sessionOver();
    else if (left <= 120_000 && !ending.open && !$("#session-over").open) ending.showModal();
  }, 1000);
}

// ---- counts of the rail, within five seconds -------------------------------------------------------------------
if ($("[data-count]")) {
  setInterval(async () => {
    if (document.hidden || Date.now() - lastClick > 600_000) return; // an idle screen does not keep a session alive
    const answer = await fetch("/counts").catch(() => null);
    if (answer?.status === 401) return sessionOver();
    if (!answer?.ok) return;
    const counts = await answer.json();
    for (const span of $$("[data-count]")) {
      const value = counts[span.dataset.count];
      if (value === undefined) continue;
      span.textContent = value;
      if (span.dataset.count === "overdue") span.toggleAttribute("data-state", false), value > 0 && (span.dataset.state = "overdue");
    }
    const moment = $("[data-moment]");
    if (moment && counts.moment) moment.textContent = counts.moment;
  }, 5000);
}

// ---- the line --------------------------------------------------------------------------------------------------
const offline = $("#offline");
if (offline) {
  addEventListener("offline", () => { offline.hidden = false; });
  addEventListener("online", () => { offline.hidden = true; });
}

// ---- menus close when something else is clicked ----------------------------------------------------------------
document.addEventListener("click", (e) => {
  for (const menu of $$("details.menu[open]")) if (!menu.contains(e.target)) menu.open = false;
});
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape") return;
  for (const menu of $$("details.menu[open]")) { menu.open = false; $("summary", menu).focus(); }
});
document.addEventListener("click", (e) => { if (e.target.closest("[data-print]")) print(); });

$("[autofocus]")?.focus();
