// Comfort only; every page works without this: show what was typed as a password, and wait before sending again.

for (const toggle of document.querySelectorAll('[data-shows]')) {
  const field = document.getElementById(toggle.dataset.shows);
  const [word] = toggle.childNodes;
  const shown = word.data;
  const show = (isShown) => {
    field.type = isShown ? 'text' : 'password';
    toggle.setAttribute('aria-pressed', String(isShown));
    word.data = isShown ? toggle.dataset.hide : shown;
  };
  toggle.addEventListener('click', () => show(field.type === 'password'));
  // Sent as a password, so that no manager or history takes it for a plain text.
  field.form?.addEventListener('submit', () => show(false));
  toggle.hidden = false;
}

// A form is sent once, and shows that it is under way. A page restored by the back button can be sent again.
for (const form of document.forms) {
  form.addEventListener('submit', (event) => {
    if (event.defaultPrevented) return;
    if (form.ariaBusy === 'true') {
      event.preventDefault();
      return;
    }
    form.ariaBusy = 'true';
    event.submitter?.setAttribute('data-busy', '');
  });
}
addEventListener('pageshow', () => {
  for (const form of document.forms) form.removeAttribute('aria-busy');
  for (const button of document.querySelectorAll('[data-busy]')) button.removeAttribute('data-busy');
});

// The waiting time goes on over a reload after a wrong code, and starts over when a message was sent.
for (const button of document.querySelectorAll('[data-wait-s]')) {
  const key = `resend:${button.form.action}`;
  const label = button.textContent;
  const sentAtMs = Number(sessionStorage.getItem(key)) || Date.now();
  sessionStorage.setItem(key, String(sentAtMs));
  const tick = () => {
    const leftS = Math.ceil((sentAtMs - Date.now()) / 1000) + Number(button.dataset.waitS);
    button.disabled = leftS > 0;
    button.textContent = leftS > 0 ? `${label} (${leftS} s)` : label;
    if (leftS > 0) setTimeout(tick, 1000);
  };
  button.addEventListener('click', () => sessionStorage.removeItem(key));
  tick();
}

// What was typed to sign in goes along to the recovery: never in an address, which would be logged.
const TYPED = 'typed-address';
for (const link of document.querySelectorAll('[data-takes-address]'))
  link.addEventListener('click', () => {
    const typed = document.querySelector('input[name=identifier]')?.value;
    if (typed) sessionStorage.setItem(TYPED, typed);
  });
const wanted = document.querySelector('[data-typed-address]');
if (wanted) {
  const typed = sessionStorage.getItem(TYPED);
  sessionStorage.removeItem(TYPED);
  if (typed && !wanted.value) wanted.value = typed;
}
