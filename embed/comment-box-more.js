// @ts-check
// What the comment box does for readers who take part or ask for more: posting, own comments, votes, previews,
// further pages, counts. `box` is always the kit of one comment box: its parts and deeds.

const STORE = 'comment-box';
const DAY = 864e5;
const WHO = ['name', 'email', 'website'];

/**
 * What this browser remembers, all in one entry: who the reader is, if asked to, votes cast, own comments.
 * @param {any} box
 * @returns {{me?: string[], votes?: Record<string, number>, own?: Record<string, any>,
 *   proofs?: Record<string, string>}} `proofs`: by site, what shows that a further comment has the same author
 */
const memory = (box) => box.recall(STORE, 'localStorage') ?? {};

const memorise = (box, change) => {
  const all = memory(box);
  change(all);
  for (const name in all) if (!all[name] || !Object.keys(all[name]).length) delete all[name];
  box.keep(STORE, Object.keys(all).length && all, 'localStorage');
};

/** @returns {any} the list item that the HTML of a comment is */
const parsed = (box, html) => {
  const list = document.createElement('ol');
  box.put(list, html);
  return list.firstElementChild;
};

const article = (box, id) => box.find('#comment-' + id);

/** Show in the fragment what was remembered. */
export const restore = (box) => {
  const { me, votes = {}, own = {}, proofs = {} } = memory(box);
  if (box.find('.cb-form')) box.find('.cb-form').elements.proof.value = proofs[box.site] ?? '';
  if (me && box.find('#cb-remember')) {
    box.find('#cb-remember').checked = true;
    WHO.forEach((name, at) => { box.find('.cb-form').elements[name].value ||= me[at] });
  }
  for (const id in votes) article(box, id)?.querySelector('.cb-vote')?.setAttribute('aria-pressed', 'true');
  let away;
  for (const id in own) if (own[id].thread == thread(box)) away = restoreOwn(box, id, own[id]);
  box.find('.cb-own')?.remove();
  if (away) lead(box, away);
  box.dress();
};

const thread = (box) => `${box.site}:${box.say().page}`;

/** @returns {string | void} the comment to go to for this one, if it is on another page of the thread */
const restoreOwn = (box, id, mine) => {
  const shown = article(box, id);
  const isPublished = shown && !shown.matches('.cb-held');
  const isHeld = mine.html && !isPublished && Date.now() - mine.at < 14 * DAY;
  if (!isHeld && Date.now() >= mine.until) return memorise(box, (all) => { delete all.own?.[id] });
  if (isPublished && mine.html) memorise(box, (all) => { delete all.own[id].html });
  if (isHeld && !shown && (!mine.parent || article(box, mine.parent))) insert(box, mine.html, mine.parent);
  offer(box, id, mine);
  // What waits is shown below what it answers.
  if (!article(box, id)) return isHeld ? mine.parent : id;
};

/** Offer a way to the reader's newest comment: who comes back looks for it first. */
const lead = (box, id) => {
  const line = document.createElement('p');
  const link = document.createElement('a');
  line.className = 'cb-jump cb-own';
  link.href = '#comment-' + id;
  link.textContent = box.say().own;
  line.append(link);
  (box.find('.cb-jump') ?? box.find('#comments')).after(line);
};

/** Offer to change an own comment, while that is possible. */
const offer = (box, id, mine) => {
  const foot = article(box, id)?.querySelector('.cb-foot');
  if (!foot || foot.querySelector('.cb-edit') || Date.now() >= mine.until) return;
  for (const deed of box.find('.cb-form') ? ['edit', 'delete'] : ['delete']) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'cb-' + deed;
    button.textContent = box.say()[deed];
    button.setAttribute('aria-describedby', 'cb-by-' + id);
    foot.append(button);
  }
};

/** Put a comment where it belongs: at the end of its parent's replies, or among the conversations. */
const insert = (box, html, parent) => {
  const item = parsed(box, html);
  const above = parent && article(box, parent)?.parentElement;
  if (above) repliesOf(above).append(item);
  else newestOf(box)[isNewestFirst(box) ? 'prepend' : 'append'](item);
  return item.firstElementChild;
};

const repliesOf = (item) => item.querySelector(':scope > .cb-replies') ?? listed('cb-replies', (list) => item.append(list));

const isNewestFirst = (box) => box.say().sort == 'newest';

/** The list whose end is the thread's own: beyond the link to more, while there is one. */
const newestOf = (box) => {
  const link = box.find(isNewestFirst(box) ? '.cb-previous' : '.cb-next');
  if (!link) return box.find('.cb-list');
  return box.find('.cb-apart')
    ?? listed('cb-apart', (list) => link.parentElement[isNewestFirst(box) ? 'before' : 'after'](list));
};

const listed = (name, place) => {
  const list = document.createElement('ol');
  list.className = name;
  place(list);
  return list;
};

const countOne = (box, by) => {
  const words = box.say();
  const count = +words.count + by;
  words.count = count;
  box.find('#comments').textContent = count == 1 ? words.one : count ? words.many.replace('{}', count) : words.none;
  box.emit('count', { count });
};

/** Fetch the proof of when the form was opened, once it is used. */
const proof = (box) => box.ticket ??= box.post(`sites/${box.site}/tickets`).then((answer) => answer.json());

export const prove = (box) => proof(box).catch(() => { box.ticket = null });

/** Send what the form holds: as a comment, or as an own comment's new text. */
export const submit = async (box) => {
  const form = box.find('.cb-form');
  const button = box.find('.cb-submit');
  if (box.busy || Date.now() < box.pausedUntil || !box.emit('before-submit', { form }, true)) return;
  form.elements.idempotency_key.value ||= crypto.getRandomValues(new Uint32Array(4)).join('-');
  box.tell('', '.cb-alert');
  box.tell(box.say().sending);
  box.tell(box.say().sending, '.cb-submit');
  button.setAttribute('aria-disabled', String(box.busy = true));
  try {
    await deliver(box);
  } finally {
    box.busy = box.ticket = null;
    if (!(Date.now() < box.pausedUntil)) button.removeAttribute('aria-disabled');
  }
};

const deliver = async (box) => {
  let answer, result;
  try {
    answer = await (box.edit ?? send)(box);
    result = await answer.json();
  } catch (/** @type {any} */ error) {
    // The key stays with the words, so sending them again cannot post twice.
    box.tell('');
    complain(box, [answer ? box.say().trouble : box.say().lost]);
    return box.emit('error', { detail: error.message });
  }
  (answer.ok ? accepted : refused)(box, result, answer);
};

const send = async (box) => {
  const form = box.find('.cb-form');
  form.elements.ticket.value ||= (await proof(box)).ticket ?? '';
  const body = new URLSearchParams(/** @type {any} */ (new FormData(form)));
  if (box.root != box.box) {
    body.set('url', box.url);
    body.set('title', box.attr('title') ?? titleOf(document));
  }
  return box.post(`sites/${box.site}/comments`, body);
};

/** What the page calls itself where it is shared, for its own title often names the blog as well. */
const titleOf = (page) => page.querySelector('meta[property="og:title"]')?.content || page.title;

/** The service took the comment, or its new text. */
const accepted = (box, result) => {
  const form = box.find('.cb-form');
  const isEdit = box.edit;
  complain(box);
  look(box, '');
  form.elements.text.value = form.elements.ticket.value = '';
  box.save();
  box.move('', null, undefined, '');
  if (isEdit) edited(box, result);
  else posted(box, result);
};

const posted = (box, { comment, html, edit_token }) => {
  const isHeld = comment.state == 'held';
  const mine = {
    thread: thread(box), token: edit_token, parent: comment.parent, at: Date.now(),
    until: Date.now() + box.say().window * 1000, html: isHeld ? html : undefined,
  };
  memorise(box, (all) => {
    (all.own ??= {})[comment.id] = mine;
    // It outlives the right to edit: the next comment shows by it that its author is the same.
    (all.proofs ??= {})[box.site] = edit_token;
  });
  box.find('.cb-form').elements.proof.value = edit_token;
  // An answer to a retry may find the comment already there.
  const shown = article(box, comment.id) ?? insert(box, html, comment.parent);
  if (!isHeld) countOne(box, 1);
  offer(box, comment.id, mine);
  box.dress();
  box.tell(box.say()[isHeld ? 'held' : 'posted']);
  box.arrive(shown);
  box.emit(isHeld ? 'held' : 'submitted', { comment });
};

const edited = (box, { comment, html }) => {
  const shown = parsed(box, html).firstElementChild;
  const isHeld = comment.state == 'held';
  article(box, comment.id).replaceWith(shown);
  memorise(box, (all) => { if (all.own?.[comment.id]) all.own[comment.id].html = isHeld ? html : undefined });
  offer(box, comment.id, memory(box).own?.[comment.id] ?? {});
  box.dress();
  box.tell(box.say()[isHeld ? 'held' : 'saved']);
  box.arrive(shown);
};

/** The service refused, and said why: what the reader can mend stands at its field, the rest above the button. */
const refused = (box, problem, answer) => {
  const isReaders = problem.code == 'edit_refused' || [404, 409, 413, 422, 429, 503].includes(answer.status);
  const isClosed = problem.code == 'thread_closed';
  const { elements } = box.find('.cb-form');
  if (!isReaders) console.error('comment-box:', problem.detail);
  if (answer.status == 422) elements.idempotency_key.value = '';
  box.tell('');
  complain(box, [isReaders ? problem.detail : box.say().trouble, isClosed && box.say().copy], problem.errors);
  if (isClosed) {
    // Another try cannot help; what can is to take the text along.
    box.find('.cb-submit').hidden = true;
    elements.text.select();
  }
  pause(box, answer.headers.get('Retry-After'));
  box.emit('error', problem);
};

/** Count down on the button until another try makes sense. */
const pause = (box, seconds) => {
  box.pausedUntil = Date.now() + seconds * 1000;
  const step = () => {
    const left = Math.ceil((box.pausedUntil - Date.now()) / 1000);
    const button = box.find('.cb-submit');
    if (!button || !box.box.isConnected) return;
    if (left <= 0) {
      button.removeAttribute('aria-disabled');
      return box.tell(box.edit ? box.say().save : box.say().again, '.cb-submit');
    }
    button.setAttribute('aria-disabled', 'true');
    box.tell(box.say().wait.replace('{}', span(box, left)), '.cb-submit');
    setTimeout(step, 1000);
  };
  if (seconds) step();
};

/** Say a length of time, e.g. “45 seconds”, “30 minutes”. */
const span = (box, seconds) => {
  const [count, unit] = seconds > 90 ? [Math.ceil(seconds / 60), 'minute'] : [seconds, 'second'];
  return count.toLocaleString(box.find('section').lang, { style: 'unit', unit, unitDisplay: 'long' });
};

/** Mark the fields with errors and say the rest; without any words, everything is well. */
const complain = (box, words = [], errors = []) => {
  const { elements } = box.find('.cb-form');
  const button = box.find('.cb-submit');
  let first;
  for (const input of elements) {
    const note = input.id && box.find(`#${input.id}-error`);
    if (!note) continue;
    const wrong = errors.filter(({ field }) => field == input.name).map(({ message }) => message).join(' ');
    mark(input, note, wrong);
    if (!wrong) continue;
    first ??= input;
    input.addEventListener('input', () => mark(input, note, ''), { once: true });
  }
  const others = errors.filter(({ field }) => !elements[field]?.id).map(({ message }) => message);
  box.find('.cb-alert').textContent = [...words, ...others].filter(Boolean).join(' ');
  button.textContent = words.length && !first ? box.say().again : box.edit ? box.say().save : box.say().send;
  first?.focus();
};

const mark = (input, note, words) => {
  note.textContent = words;
  if (words) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
};

export const click = (box, element, event) => {
  for (const [selector, deed] of DEEDS) if (element.matches(selector)) return deed(box, element, event);
};

/** Show another part of the thread. What is being written comes along, or waits where it belongs. */
export const swap = (box, html) => {
  const old = box.find('.cb-form')?.elements;
  box.edit = null;
  box.put(box.root, html);
  return box.adopt(() => {
    const now = box.find('.cb-form')?.elements;
    if (!now || !old) return;
    for (const name of WHO) now[name].value = old[name].value;
    now['cb-remember'].checked = old['cb-remember'].checked;
    restore(box);
    if (old.parent.value) resume(box, old.parent.value);
  });
};

/** Open the form again where it was: at a comment to be answered, or to be changed. */
const resume = (box, at) => {
  const [id, deed] = at.startsWith('edit-') ? [at.slice(5), '.cb-edit'] : [at, '.cb-reply'];
  const button = article(box, id)?.querySelector(':scope > .cb-foot > ' + deed);
  if (!button) box.tell(box.say().kept);
  else if (button.name) box.answer(button);
  else edit(box, button);
};

/** Fetch the conversations before or after those shown. */
const more = async (box, link) => {
  if (link.getAttribute('aria-disabled')) return;
  const end = link.matches('.cb-next') ? '.cb-next' : '.cb-previous';
  link.setAttribute('aria-disabled', 'true');
  box.tell('');
  try {
    const page = document.createElement('div');
    box.put(page, await box.get(asked(link)));
    // What the reader has just written stood apart, and finds its place.
    const items = [...page.querySelectorAll('.cb-list > *')].map((item) => {
      const shown = item.firstElementChild && article(box, item.firstElementChild.id.replace('comment-', ''));
      return shown ? shown.closest('.cb-apart > *') : item;
    }).filter(Boolean);
    const list = box.find('.cb-list');
    const deed = end == '.cb-next' ? 'append' : 'prepend';
    list[deed](...items);
    const further = page.querySelector(end);
    if (further) link.replaceWith(further);
    else {
      const apart = (deed == 'prepend') == isNewestFirst(box) && box.find('.cb-apart');
      link.parentElement.remove();
      if (apart) list[deed](...apart.children);
      if (apart) apart.remove();
    }
    restore(box);
    if (items[0]) box.arrive(items[0].firstElementChild);
  } catch (reason) {
    link.removeAttribute('aria-disabled');
    box.fail(reason);
  }
};

const asked = (link) => Object.fromEntries(new URL(link.href).searchParams);

const sort = async (box, link) => {
  await box.load(asked(link));
  box.find('.cb-sort [aria-current]')?.focus();
};

/** Send something small; the status line says what went wrong. */
const change = async (box, path, fields) => {
  const body = new URLSearchParams({ lang: box.find('.cb-thread').lang, ...fields });
  const answer = await box.post(path, body).catch(() => null);
  const result = await answer?.json().catch(() => null);
  if (answer?.ok && result) return result;
  box.tell(result?.detail ?? box.say().failed);
};

const vote = async (box, button) => {
  const value = button.getAttribute('aria-pressed') == 'true' ? 0 : 1;
  const result = await change(box, `comments/${button.value}/vote`, { value });
  if (!result) return;
  button.setAttribute('aria-pressed', String(!!value));
  button.textContent = button.textContent.split(' · ')[0] + (result.score ? ' · ' + result.score : '');
  memorise(box, (all) => {
    all.votes ??= {};
    if (value) all.votes[button.value] = 1;
    else delete all.votes[button.value];
  });
};

const idOf = (button) => button.closest('article').id.replace('comment-', '');

/** Bring the form to an own comment, with its text as it was typed. */
const edit = async (box, button) => {
  const id = idOf(button);
  const token = memory(box).own?.[id].token;
  const source = await change(box, `comments/${id}/source`, { edit_token: token });
  if (!source) return;
  const { editing, save, stop } = box.say();
  const form = box.find('.cb-form');
  const cancel = box.find('.cb-cancel');
  const words = cancel.textContent;
  look(box, '');
  box.move('edit-' + id, button, editing, source.text);
  form.elements.text.focus();
  box.edit = () => box.post(`comments/${id}/edit`, new URLSearchParams({
    edit_token: token, text: form.elements.text.value, lang: form.elements.lang.value, heading: form.elements.heading.value,
  }));
  form.classList.add('cb-editing');
  cancel.textContent = stop;
  box.find('.cb-submit').textContent = save;
  const end = () => {
    form.classList.remove('cb-editing');
    cancel.textContent = words;
    box.find('.cb-submit').textContent = box.say().send;
  };
  new MutationObserver((_, observer) => {
    if (box.edit) return;
    observer.disconnect();
    end();
  }).observe(box.find('#cb-title'), { childList: true });
};

/** Asks once more, in the button itself and with a way back beside it, then deletes. */
const remove = async (box, button, event) => {
  // The second half of a double click is no answer.
  if (event.detail > 1) return;
  if (!button.dataset.sure) return ask(box, button);
  const id = idOf(button);
  const result = await change(box, `comments/${id}/delete`, { edit_token: memory(box).own?.[id].token });
  if (!result) return;
  const item = article(box, id).parentElement;
  const wasHeld = article(box, id).matches('.cb-held');
  const all = [...box.root.querySelectorAll('.cb-comment')];
  const at = all.indexOf(article(box, id));
  memorise(box, (everything) => { delete everything.own[id] });
  if (item.contains(box.find('#respond'))) box.move('');
  if (item.querySelector('.cb-replies .cb-item')) article(box, id).replaceWith(parsed(box, result.html).firstElementChild);
  else item.remove();
  if (!wasHeld) countOne(box, -1);
  box.tell(box.say().deleted);
  box.arrive(all[at + 1] ?? all[at - 1] ?? box.find('#comments'));
};

const ask = (box, button) => {
  const { sure, keep } = box.say();
  const back = document.createElement('button');
  button.dataset.sure = 'yes';
  button.textContent = sure;
  box.tell(sure);
  back.type = 'button';
  back.textContent = keep;
  button.after(back);
  const end = () => {
    delete button.dataset.sure;
    button.textContent = box.say().delete;
    button.parentElement.removeEventListener('focusout', leave);
    back.remove();
  };
  const leave = ({ relatedTarget }) => { if (![button, back].includes(relatedTarget)) end() };
  button.parentElement.addEventListener('focusout', leave);
  back.addEventListener('click', () => button.focus());
  back.addEventListener('click', end);
};

/** Show what the text will look like, until it changes. */
const preview = async (box) => {
  const { text } = box.find('.cb-form').elements;
  const result = await change(box, 'preview', { text: text.value });
  if (!result) return;
  look(box, result.html);
  text.addEventListener('input', () => look(box, ''), { once: true });
};

const look = (box, html) => box.put(box.find('.cb-preview'), html);

/** @type {[string, (box: any, element: any, event: any) => any][]} */
const DEEDS = [['.cb-more', more], ['.cb-sort a', sort], ['.cb-vote', vote], ['.cb-edit', edit], ['.cb-delete', remove],
  ['.cb-look', preview]];

/** Keep who the reader is, if the box is ticked; forget it if not. */
export const remember = (box) => {
  const { elements } = box.find('.cb-form');
  const isWanted = box.find('#cb-remember').checked;
  memorise(box, (all) => { all.me = isWanted ? WHO.map((name) => elements[name].value) : undefined });
};

const PAGES_MAX = 100;
const QUERY_MAX_CHARS = 4000;

/** @type {{element: HTMLElement, service: string, site: string, page: string}[]} */
let uncounted = [];

/** Fill in a count. Those asked for at the same time share requests: one per site, more where they are many. */
export const count = (element, service, site) => {
  const page = element.getAttribute('page');
  if (!page) return console.error('comment-box: a comment-count names no page', element);
  if (uncounted.push({ element, service, page, site: element.getAttribute('site') ?? site }) == 1) setTimeout(countAll);
};

const countAll = async () => {
  const all = uncounted;
  uncounted = [];
  for (const site of new Set(all.map((each) => each.site))) {
    const wanted = all.filter((each) => each.site == site);
    const pages = [...new Set(wanted.map((each) => each.page))];
    while (pages.length) await countSome(wanted, queryOf(pages)).catch(console.error);
  }
};

/** Take as many pages from the list as one request may name, at least one. */
const queryOf = (pages) => {
  const query = new URLSearchParams();
  for (let at = 0; pages.length && at < PAGES_MAX && (!at || `${query}`.length < QUERY_MAX_CHARS); at++) {
    query.append('page', pages.shift());
  }
  return query;
};

const countSome = async (wanted, query) => {
  const [{ service, site }] = wanted;
  const answer = await fetch(`${service}api/v1/sites/${site}/counts?${query}`);
  const { counts, detail } = await answer.json();
  if (!counts) return console.error('comment-box:', detail);
  for (const { element, page } of wanted) if (page in counts) say(element, counts[page]);
};

/** A count alone, or in the words of the element: none="…" one="…" many="{} …". */
const say = (element, count) => {
  const words = element.getAttribute(count == 1 ? 'one' : count ? 'many' : 'none');
  const number = count.toLocaleString(element.closest('[lang]')?.lang || undefined);
  element.textContent = words?.replace('{}', number) ?? count;
};
