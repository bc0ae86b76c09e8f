// Shows words and colours in the preview while they are typed.
// @ts-check

// In a block: what dashboard.js declares stands in the same scope.
{
  const frame = /** @type {HTMLIFrameElement} */ (document.querySelector('#preview'));

  /** Where each text stands in the thread. @type {Record<string, string>} */
  const PLACES = { write: '#cb-title', send: '.cb-submit', rules: '.cb-rules', closed: '.cb-closed' };

  /** What stood there before anything was typed. @type {Map<Element, string>} */
  const before = new Map();

  const show = () => {
    const box = frame.contentDocument?.querySelector('comment-box');
    const root = box?.shadowRoot;
    if (!(box && root)) return;
    for (const input of document.querySelectorAll('[data-colour]')) {
      if (!(input instanceof HTMLInputElement)) continue;
      const value = /^#[0-9a-f]{6}$/i.test(input.value) ? input.value : '';
      const style = /** @type {HTMLElement} */ (box).style;
      if (value) style.setProperty('--comment-box-' + input.dataset.colour, value);
      else style.removeProperty('--comment-box-' + input.dataset.colour);
    }
    for (const input of document.querySelectorAll('[data-text]')) {
      if (input instanceof HTMLInputElement) say(root, input.dataset.text ?? '', input.value.trim());
    }
  };

  /** @param {ShadowRoot} root @param {string} name @param {string} words */
  const say = (root, name, words) => {
    const isEmpty = root.querySelector('section')?.dataset.count == '0';
    const place = root.querySelector(name == 'none' && isEmpty ? '#comments' : PLACES[name] ?? 'x-none');
    if (!place) return;
    if (!before.has(place)) before.set(place, place.textContent ?? '');
    place.textContent = words || (before.get(place) ?? '');
    if (name == 'rules') place.toggleAttribute('hidden', !words);
  };

  const begin = () => {
    before.clear();
    frame.contentDocument?.addEventListener('comment-box:ready', show);
    show();
  };

  frame.addEventListener('load', begin);
  if (frame.contentDocument?.readyState == 'complete') begin();

  document.addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    if (target.dataset.picks) {
      const written = document.getElementById(target.dataset.picks);
      if (written instanceof HTMLInputElement) written.value = target.value;
    }
    show();
  });
}
