// A tree as a flat list of links with aria-level. The server sends the rows of a level when it is opened.
const tree = document.querySelector("[role=tree]");
const items = () => [...tree.querySelectorAll("[role=treeitem]")];
const level = (item) => Number(item.getAttribute("aria-level"));
const isOpen = (item) => item.getAttribute("aria-expanded") === "true";

function focus(item) {
  if (!item) return;
  for (const other of tree.querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
  item.tabIndex = 0;
  item.focus();
}

function settle() {
  const all = items();
  for (const item of all) item.tabIndex = -1;
  const first = tree.contains(document.activeElement) ? document.activeElement
    : tree.querySelector("[aria-selected=true]") ?? all[0];
  if (first) first.tabIndex = 0;
}

async function rows(item) {
  tree.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(item.dataset.load);
    if (!answer.ok) { location.assign(item.href); return null; } // the page says why
    const list = document.createElement("ul");
    list.innerHTML = await answer.text(); // made by the server from encoded text
    const known = new Set(items().map((i) => i.dataset.key));
    const fresh = [...list.children].filter((li) => !known.has(li.firstElementChild.dataset.key));
    for (const li of fresh) li.firstElementChild.tabIndex = -1;
    return fresh;
  } finally {
    tree.removeAttribute("aria-busy");
  }
}

async function open(item) {
  if (isOpen(item) || tree.getAttribute("aria-busy")) return;
  const fresh = await rows(item);
  if (!fresh) return;
  item.parentElement.after(...fresh);
  item.setAttribute("aria-expanded", "true");
}

function close(item) {
  const at = level(item);
  for (let next = item.parentElement.nextElementSibling; next && level(next.firstElementChild) > at;) {
    const gone = next;
    next = next.nextElementSibling;
    gone.remove();
  }
  item.setAttribute("aria-expanded", "false");
}

async function more(item) {
  const fresh = await rows(item);
  if (!fresh) return;
  item.parentElement.after(...fresh);
  item.parentElement.remove();
  focus(fresh[0]?.firstElementChild);
}

function above(item) {
  let before = item.parentElement.previousElementSibling;
  while (before && level(before.firstElementChild) >= level(item)) before = before.previousElementSibling;
  return before?.firstElementChild;
}

// Letters find Chinese names by the first letter of their reading, the way the browser sorts them.
const bounds = "阿八嚓哒妸发旮哈讥咔垃妈拏噢妑七呥仨他穵夕丫匝";
const letters = "abcdefghjklmnopqrstwxyz";
const chinese = new Intl.Collator("zh-Hans-u-co-pinyin");
function initial(name) {
  const first = name.trim()[0] ?? "";
  if (!/\p{Script=Han}/u.test(first)) return first.toLowerCase();
  let at = -1;
  while (at + 1 < bounds.length && chinese.compare(bounds[at + 1], first) <= 0) at++;
  return letters[at] ?? "";
}

function jump(from, key) {
  const all = items();
  const at = all.indexOf(from);
  focus([...all.slice(at + 1), ...all.slice(0, at + 1)].find((i) => {
    const name = i.querySelector(".tree__name").textContent;
    return initial(name) === key || name.trim().toLowerCase().startsWith(key);
  }));
}

function press(item, key) {
  const all = items();
  const at = all.indexOf(item);
  if (key === "ArrowDown") focus(all[at + 1]);
  else if (key === "ArrowUp") focus(all[at - 1]);
  else if (key === "Home") focus(all[0]);
  else if (key === "End") focus(all.at(-1));
  else if (key === "ArrowRight") {
    if (item.dataset.more !== undefined) more(item);
    else if (isOpen(item)) focus(all[at + 1]);
    else if (item.dataset.load) open(item);
  } else if (key === "ArrowLeft") {
    if (isOpen(item)) close(item);
    else focus(above(item));
  } else if ((key === "Enter" || key === " ") && item.dataset.more !== undefined) more(item);
  else if (/^[\p{L}\p{N}]$/u.test(key)) jump(item, key.toLowerCase());
  else return false;
  return true;
}

if (tree) {
  settle();
  tree.addEventListener("click", (e) => {
    const item = e.target.closest("[role=treeitem]");
    if (!item || e.ctrlKey || e.metaKey || e.shiftKey) return;
    if (item.dataset.more !== undefined) { e.preventDefault(); more(item); }
    else if (e.target.closest(".twist")) {
      e.preventDefault();
      focus(item);
      isOpen(item) ? close(item) : open(item);
    }
  });
  tree.addEventListener("keydown", (e) => {
    const item = e.target.closest("[role=treeitem]");
    if (!item || e.ctrlKey || e.altKey || e.metaKey) return;
    if (press(item, e.key)) { e.preventDefault(); e.stopPropagation(); }
  });
}
