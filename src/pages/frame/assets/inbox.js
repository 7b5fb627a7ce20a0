// The mailbox of development mode: copies codes, and shows new messages by itself. Without it, "Look again" does.

const list = document.querySelector('.letters');
const live = document.querySelector('.live');
const LOOK_EVERY_MS = 2000;

const say = (text) => {
  live.textContent = text;
};

const showCopyButtons = (part) => {
  for (const button of part.querySelectorAll('[data-copy]')) button.hidden = false;
};

document.addEventListener('click', async ({ target }) => {
  const button = target.closest('[data-copy]');
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    say('Copied.');
  } catch {
    say('The browser did not let us copy. Please mark it and copy it by hand.');
  }
});

/** New messages come above those that are there; what is open, marked or focused below stays as it is. */
const takeOver = (fresh) => {
  const known = new Map([...list.children].map((letter) => [letter.dataset.letter, letter]));
  const added = [];
  for (const letter of fresh.querySelectorAll('[data-letter]')) {
    const old = known.get(letter.dataset.letter);
    if (old) old.querySelector('time').textContent = letter.querySelector('time').textContent;
    else added.push(document.adoptNode(letter));
  }
  if (added.length === 0) return;
  for (const letter of list.querySelectorAll('.new')) letter.classList.remove('new');
  for (const letter of added) {
    letter.classList.add('new');
    showCopyButtons(letter);
  }
  list.prepend(...added);
  document.querySelector('.empty')?.remove();
  say(added.length === 1 ? 'A new message.' : `${added.length} new messages.`);
};

let isUnreachable = false;

const look = async () => {
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (!answer.ok) throw new Error(`answered ${answer.status}`);
    takeOver(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    if (isUnreachable) say('The server is back.');
    isUnreachable = false;
  } catch {
    if (!isUnreachable) say('The server does not answer. It is asked again and again.');
    isUnreachable = true;
  }
};

const lookAgain = async () => {
  if (!document.hidden) await look();
  setTimeout(lookAgain, LOOK_EVERY_MS);
};

document.querySelector('.again').hidden = true;
live.hidden = false;
say('New messages appear by themselves.');
showCopyButtons(document);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void look();
});
setTimeout(lookAgain, LOOK_EVERY_MS);
