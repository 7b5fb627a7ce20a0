// Lists of codes: copied, saved or printed by a button. Without a script they can be selected by hand.

const SECONDS = 2;

for (const actions of document.querySelectorAll('[data-codes]')) {
  const list = document.getElementById(actions.dataset.codes);
  const texts = () => [...list.querySelectorAll('code')].map((code) => code.textContent);
  const does = {
    copy: async (button) => {
      await navigator.clipboard.writeText(texts().join('\n'));
      const word = button.textContent;
      button.textContent = button.dataset.done;
      setTimeout(() => {
        button.textContent = word;
      }, SECONDS * 1000);
    },
    download: () => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([`${texts().join('\n')}\n`], { type: 'text/plain' }));
      link.download = 'backup-codes.txt';
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), SECONDS * 1000);
    },
    print: () => window.print(),
  };
  for (const button of actions.querySelectorAll('button'))
    button.addEventListener('click', () => does[button.dataset.does](button));
  actions.hidden = false;
}
