// A file may be dropped; its size is told before it is sent; progress is looked at each second.
const form = document.querySelector("[data-upload]");
const file = form?.querySelector("input[type=file]");

function tooLarge() {
  const said = form.querySelector("[data-said]");
  const isTooLarge = (file.files[0]?.size ?? 0) > Number(form.dataset.max);
  said.textContent = isTooLarge ? form.dataset.tooLarge : "";
  said.hidden = !isTooLarge;
  return isTooLarge;
}

if (form) {
  const drop = form.querySelector("[data-drop]");
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (e) => { e.preventDefault(); drop.dataset.drop = "over"; });
  }
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => { drop.dataset.drop = ""; });
  drop.addEventListener("drop", (e) => {
    e.preventDefault();
    if (e.dataTransfer.files.length !== 1) return;
    file.files = e.dataTransfer.files;
    if (!tooLarge()) form.requestSubmit();
  });
  file.addEventListener("change", tooLarge);
  form.addEventListener("submit", (e) => { if (tooLarge()) e.preventDefault(); });
}

const progress = document.querySelector("[data-progress]");
if (progress) {
  const timer = setInterval(async () => {
    const answer = await fetch(progress.dataset.progress).catch(() => null);
    if (!answer) return; // the line is down: ask again
    if (!answer.ok) { clearInterval(timer); location.reload(); return; } // the page says why
    progress.innerHTML = await answer.text(); // made by the server from encoded text
    if (progress.querySelector("[data-rest]")) { clearInterval(timer); location.reload(); }
  }, 1000);
}
