// @ts-check
// What the comment box does for readers who take part or ask for more: the outcome of a post, own comments,
// votes, further pages, counts. `box` is always the kit of one comment box: its parts and deeds.

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
  for (const id in own) if (own[id].thread == thread(box)) restoreOwn(box, id, own[id]);
  box.dress();
};

const thread = (box) => `${box.site}:${box.say().page}`;

const restoreOwn = (box, id, mine) => {
  const shown = article(box, id);
  const isPublished = shown && !shown.matches('.cb-held');
  const isHeld = mine.html && !isPublished && Date.now() - mine.at < 14 * DAY;
  if (!isHeld && Date.now() >= mine.until) return memorise(box, (all) => { delete all.own?.[id] });
  if (isPublished && mine.html) memorise(box, (all) => { delete all.own[id].html });
  if (isHeld && !shown && (!mine.parent || article(box, mine.parent))) insert(box, mine.html, mine.parent);
  offer(box, id, mine);
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
  if (!above) {
    box.find('.cb-list')[box.say().sort == 'newest' ? 'prepend' : 'append'](item);
    return item.firstElementChild;
  }
  let list = above.querySelector(':scope > .cb-replies');
  if (!list) {
    list = document.createElement('ol');
    list.className = 'cb-replies';
    above.append(list);
  }
  list.append(item);
  return item.firstElementChild;
};

const countOne = (box, by) => {
  const words = box.say();
  const count = +words.count + by;
  words.count = count;
  box.find('#comments').textContent = count == 1 ? words.one : count ? words.many.replace('{}', count) : words.none;
  box.emit('count', { count });
};

/** The service took the comment, or its new text. */
export const accepted = (box, result) => {
  const form = box.find('.cb-form');
  const isEdit = box.edit;
  complain(box);
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
export const refused = (box, problem, answer) => {
  const isReaders = problem.code == 'edit_refused' || [404, 409, 413, 422, 429, 503].includes(answer.status);
  const wait = answer.headers.get('Retry-After');
  if (!isReaders) console.error('comment-box:', problem.detail);
  if (answer.status == 422) box.find('.cb-form').elements.idempotency_key.value = '';
  box.tell('');
  complain(box, [
    isReaders ? problem.detail : box.say().trouble,
    wait ? box.say().wait.replace('{}', wait) : '',
  ], problem.errors);
  box.emit('error', problem);
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

export const click = (box, element) => {
  for (const [selector, deed] of DEEDS) if (element.matches(selector)) return deed(box, element);
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
    const items = [...page.querySelectorAll('.cb-list > *')]
      .filter((item) => !box.find('#' + item.firstElementChild?.id));
    box.find('.cb-list')[end == '.cb-next' ? 'append' : 'prepend'](...items);
    const further = page.querySelector(end);
    if (further) link.replaceWith(further);
    else link.parentElement.remove();
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

/** Send something about a comment; what went wrong stands in the status line. */
const change = async (box, path, fields) => {
  const body = new URLSearchParams({ lang: box.find('.cb-thread').lang, ...fields });
  const answer = await box.post('comments/' + path, body).catch(() => null);
  const result = await answer?.json().catch(() => null);
  if (answer?.ok && result) return result;
  box.tell(result?.detail ?? box.say().trouble);
};

const vote = async (box, button) => {
  const value = button.getAttribute('aria-pressed') == 'true' ? 0 : 1;
  const result = await change(box, button.value + '/vote', { value });
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
  const source = await change(box, id + '/source', { edit_token: token });
  if (!source) return;
  const { editing, save, stop } = box.say();
  const form = box.find('.cb-form');
  const cancel = box.find('.cb-cancel');
  const words = cancel.textContent;
  box.move('edit-' + id, button, editing, source.text);
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

/** Asks once more, in the button itself, then deletes. */
const remove = async (box, button) => {
  if (!button.dataset.sure) {
    button.dataset.sure = 'yes';
    button.textContent = box.say().sure;
    box.tell(box.say().sure);
    button.addEventListener('blur', () => {
      delete button.dataset.sure;
      button.textContent = box.say().delete;
    }, { once: true });
    return;
  }
  const id = idOf(button);
  const result = await change(box, id + '/delete', { edit_token: memory(box).own?.[id].token });
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

/** @type {[string, (box: any, element: any) => Promise<void>][]} */
const DEEDS = [['.cb-more', more], ['.cb-sort a', sort], ['.cb-vote', vote], ['.cb-edit', edit], ['.cb-delete', remove]];

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
  for (const { element, page } of wanted) if (page in counts) element.textContent = counts[page];
};
