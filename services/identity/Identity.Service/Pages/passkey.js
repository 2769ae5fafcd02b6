// Passkeys: fetches the question, lets the browser ask the holder, and sends the answer with the form.
// Written for Chromium 109, which has no PublicKeyCredential.parse…FromJSON and no toJSON.
const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  buffer
    ? btoa(String.fromCharCode(...new Uint8Array(buffer)))
        .replace(/\+/g, "-")
        .replace(/\//g, "_")
        .replace(/=+$/, "")
    : undefined;

const known = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));

async function get(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: known(options.allowCredentials),
  };
  const found = await navigator.credentials.get({ publicKey });
  return answer(found, {
    clientDataJSON: text(found.response.clientDataJSON),
    authenticatorData: text(found.response.authenticatorData),
    signature: text(found.response.signature),
    userHandle: text(found.response.userHandle),
  });
}

async function create(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: known(options.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey });
  return answer(made, {
    clientDataJSON: text(made.response.clientDataJSON),
    attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports ? made.response.getTransports() : [],
  });
}

const answer = (credential, response) => ({
  id: credential.id,
  rawId: text(credential.rawId),
  type: credential.type,
  authenticatorAttachment: credential.authenticatorAttachment || undefined,
  clientExtensionResults: credential.getClientExtensionResults(),
  response,
});

for (const form of document.querySelectorAll("form[data-passkey]")) {
  // Without this script the form would send an empty answer: the button waits for it.
  const button = form.querySelector("button");
  button.disabled = !window.PublicKeyCredential;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const failed = form.querySelector("[data-failed]");
    failed.hidden = true;
    button.disabled = true; // A second question would make the answer to the first one void.
    try {
      const token = form.elements["__RequestVerificationToken"].value;
      const question = await fetch(form.dataset.ask, { method: "POST", headers: { "X-Form-Token": token } });
      if (!question.ok) throw new Error("refused");
      const act = form.dataset.passkey === "get" ? get : create;
      form.elements.credential.value = JSON.stringify(await act(await question.json()));
      form.submit();
    } catch {
      failed.hidden = false;
      button.disabled = false;
    }
  });
}
