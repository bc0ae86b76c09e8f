// Comfort for the dashboard. Every page works without it; no script stands in the pages themselves.
// @ts-check

document.documentElement.classList.add('scripted');

/** Copies what an element holds: `<button type="button" class="quiet js" data-copy="#snippet">`. */
document.addEventListener('click', async ({ target }) => {
  const button = target instanceof Element && target.closest('[data-copy]');
  if (!(button instanceof HTMLElement)) return;
  const source = document.querySelector(button.dataset.copy ?? '');
  if (!source) return;
  const text = source instanceof HTMLInputElement ? source.value : (source.textContent ?? '').trim();
  try {
    await navigator.clipboard.writeText(text);
    button.setAttribute('aria-label', button.textContent + ' ✓');
    button.dataset.done = '';
  } catch {
    // Without a secure context there is no clipboard: what is to be copied gets selected.
    getSelection()?.selectAllChildren(source);
  }
});
