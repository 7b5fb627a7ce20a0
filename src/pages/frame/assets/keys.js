// Works the buttons of passkeys and security keys. The functions that they name come from the script of the form.

const scripted = document.querySelectorAll('[data-scripted]');

for (const note of document.querySelectorAll('[data-needs-script]')) note.remove();

const WORDS = {
  NotAllowedError: 'Nothing was saved or used. Try again when you are ready.',
  InvalidStateError: 'This device already holds a key for your account.',
  SecurityError: 'Keys cannot be used at this address.',
};

let pressed;

function tell(text) {
  const note = pressed?.parentElement?.querySelector('[role=alert]') ?? document.createElement('p');
  note.className = 'error';
  note.setAttribute('role', 'alert');
  note.textContent = text;
  pressed?.after(note);
}

window.addEventListener('oryWebAuthnError', (event) => {
  event.preventDefault();
  tell(WORDS[event.detail.name] ?? event.detail.message);
});

const named = (name) => (name?.startsWith('ory') ? window[name] : undefined);

/** A key that is made for a form with a fault in it would be of no use to anybody. */
function isComplete({ elements }) {
  const faulty = [...elements].find((field) => field.name?.startsWith('traits.') && !field.checkValidity());
  faulty?.reportValidity();
  return faulty === undefined;
}

function press(button) {
  pressed = button;
  const { elements } = button.form;
  const name = elements.webauthn_register_displayname;
  if (button.name === 'webauthn_register_trigger' && name && name.value.trim() === '')
    name.value = 'Security key';
  if (/_register_trigger$/.test(button.name) && !isComplete(button.form)) return;
  named(button.dataset.onclick)?.();
}

function start() {
  for (const element of scripted) element.hidden = false;
  for (const button of document.querySelectorAll('[data-onclick]'))
    button.addEventListener('click', () => press(button));
  for (const field of document.querySelectorAll('[data-onload]')) named(field.dataset.onload)?.();
}

if (scripted.length > 0 || document.querySelector('[data-onload]')) {
  if (!window.PublicKeyCredential)
    for (const note of document.querySelectorAll('[data-unsupported]')) note.hidden = false;
  else if (window.__oryWebAuthnInitialized) start();
  else window.addEventListener('oryWebAuthnInitialized', start, { once: true });
}

// Tells the browser which passkeys are good, so that it stops offering those that were removed (signal API).
const REMOVED = 'removed-passkey';
const idOf = (hex) => {
  const bytes = hex.match(/../g).map((byte) => String.fromCharCode(Number.parseInt(byte, 16)));
  return btoa(bytes.join('')).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
};

async function signal() {
  const data = document.querySelector('[name=passkey_create_data]');
  const removal = document.querySelectorAll('button[name=passkey_remove]');
  if (!data?.value || !window.PublicKeyCredential?.signalAllAcceptedCredentials) return;
  const { publicKey } = JSON.parse(data.value);
  if (!publicKey) return;
  const { rp, user, excludeCredentials = [] } = publicKey;
  const held = excludeCredentials.map(({ id }) => id);
  for (const button of removal)
    button.addEventListener('click', () => sessionStorage.setItem(REMOVED, idOf(button.value)));
  const removed = sessionStorage.getItem(REMOVED);
  sessionStorage.removeItem(REMOVED);
  if (removed && !held.includes(removed))
    await PublicKeyCredential.signalUnknownCredential({ rpId: rp.id, credentialId: removed });
  if (held.length === 0) return;
  const of = { rpId: rp.id, userId: user.id };
  await PublicKeyCredential.signalAllAcceptedCredentials({ ...of, allAcceptedCredentialIds: held });
  await PublicKeyCredential.signalCurrentUserDetails({
    ...of,
    name: user.name,
    displayName: user.displayName,
  });
}

// Nobody waits for it, and a browser that does not listen loses nothing.
void signal().catch(() => {});
