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

/**
 * The keyboard. What a key does is said by the page: it presses what carries it in `data-key`, within
 * the comment that has the focus, else anywhere. Only `j` and `k` are ours: they move between comments.
 */
const main = /** @type {HTMLElement} */ (document.querySelector('main'));
const entries = () => /** @type {HTMLElement[]} */ ([...main.querySelectorAll('.entry')]);
const focused = () => document.activeElement?.closest('.entry');

/** One after the other: a key that comes while a decision is under way waits for the new list. */
let pending = Promise.resolve();

document.addEventListener('keydown', (event) => {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  if (ctrlKey || metaKey || altKey || document.querySelector('dialog[open]')) return;
  if (target instanceof Element && target.closest('input:not([type=checkbox]), textarea, select')) {
    if (key === 'Escape') /** @type {HTMLElement} */ (target.closest('.entry') ?? main).focus();
    return;
  }
  if (!/^[a-z/?]$/.test(key)) return;
  if (key === '/' || key === '?') event.preventDefault(); // the browser's own search
  pending = pending.then(() => press(key)).catch(() => location.reload());
});

/** @param {string} key */
const press = (key) => {
  if (key === 'j' || key === 'k') return step(key === 'j' ? 1 : -1);
  const selector = `[data-key="${CSS.escape(key)}"]`;
  const here = focused() ?? (key === 'u' || key === '/' || key === '?' ? null : entries()[0]);
  const found = here?.querySelector(selector) ?? (here ? null : main.querySelector(selector));
  const wanted = found ?? ('u/?'.includes(key) ? main.querySelector(selector) : null);
  if (wanted instanceof HTMLDetailsElement) {
    wanted.open = true;
    /** @type {HTMLElement | null} */ (wanted.querySelector('textarea, input:not([type=hidden])'))?.focus();
  } else if (wanted instanceof HTMLInputElement && wanted.type !== 'checkbox') {
    wanted.focus();
    wanted.select();
  } else if (wanted instanceof HTMLButtonElement && wanted.form?.matches('.decide')) {
    return send(wanted.form, wanted);
  } else if (wanted instanceof HTMLElement) {
    wanted.click();
  }
};

/** @param {number} by */
const step = (by) => {
  const all = entries();
  const here = all.findIndex((entry) => entry === focused());
  all.at(here < 0 ? 0 : Math.max(0, Math.min(all.length - 1, here + by)))?.focus();
};

document.addEventListener('submit', (event) => {
  const { target: form, submitter } = event;
  if (!(form instanceof HTMLFormElement) || !form.matches('.queue .decide')) return;
  event.preventDefault();
  pending = pending.then(() => send(form, submitter)).catch(() => location.reload());
});

/**
 * Decide without leaving the page: the list that the answer brings takes the place of this one, and
 * the comment that moved up has the focus.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 */
const send = async (form, submitter) => {
  const index = Math.max(0, entries().findIndex((entry) => entry.contains(form)));
  const isUndo = !!form.closest('.decided');
  const action = submitter?.getAttribute('formaction') ?? form.action;
  const body = new URLSearchParams(/** @type {any} */ (new FormData(form, submitter)));
  const answer = await fetch(action, { method: 'POST', body });
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.querySelector('main');
  // The visit may be over, or this was not the queue: then the whole page tells what to do.
  if (!fresh?.querySelector('.queue') && !fresh?.querySelector('[role=alert]')) return location.reload();
  main.replaceChildren(...fresh.childNodes);
  const sections = page.querySelector('.sections');
  if (sections) document.querySelector('.sections')?.replaceChildren(...sections.childNodes);
  document.title = page.title;
  if (answer.ok) history.replaceState(null, '', answer.url.replace(/#.*/, ''));
  say(main.querySelector('#decided-what, [role=alert]')?.textContent ?? '');
  const back = isUndo && main.querySelector('#decided')?.nextElementSibling?.querySelector('.entry');
  const next = back || entries()[Math.min(index, entries().length - 1)];
  /** @type {HTMLElement | null} */ (next ?? main.querySelector('#decided'))?.focus();
  next?.scrollIntoView({ block: 'nearest' });
};

/** A status that comes with a new page is not read out; one that changes is. */
const status = document.body.appendChild(document.createElement('p'));
status.className = 'visually-hidden';
status.setAttribute('role', 'status');

/** @param {string} sentence */
const say = (sentence) => (status.textContent = sentence.trim());

document.addEventListener('click', ({ target }) => {
  if (!(target instanceof Element)) return;
  if (target.closest('[data-key="?"]')) document.querySelector('dialog')?.showModal();
});

document.addEventListener('change', ({ target }) => {
  if (!(target instanceof HTMLInputElement) || target.id !== 'tick-all') return;
  for (const box of main.querySelectorAll('.pick')) {
    if (box instanceof HTMLInputElement) box.checked = target.checked;
  }
});
