// @ts-check
// The comment box: it fetches a thread as HTML, puts it in place and adds behaviour. Words and markup are the
// service's; what only a reader who takes part needs is in comment-box-more.js, fetched when one does.
// Every byte here is sent to every reader, so names are short; tests/embed/test_build.py watches the size.
try {
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const base = new URL('.', script.src).href;
  const sheet = new CSSStyleSheet();
  let policy;

  /** Put HTML of the service in a place; the browser's own sanitizer, where there is one, is a second wall. */
  const put = (place, html) => {
    if (place.setHTML) return place.setHTML(html, { sanitizer: {} });
    const rules = { createHTML: (text) => text };
    policy ??= /** @type {any} */ (window).trustedTypes?.createPolicy('comment-box', rules) ?? rules;
    place.innerHTML = policy.createHTML(html);
  };

  // Storage may be forbidden: then nothing is remembered.
  const recall = (name, area = 'sessionStorage') => { try { return JSON.parse(window[area][name]) } catch {} };
  const keep = (name, fact, area = 'sessionStorage') => {
    try { fact ? window[area][name] = JSON.stringify(fact) : delete window[area][name] } catch {}
  };

  /** Let no error out into the page. */
  const safely = async (work) => { try { await work() } catch (error) { console.error('comment-box:', error) } };

  /** Do what few readers need; a page that pins a release gets both files of it. */
  const more = async (deed, ...facts) => (await import(script.src.replace(/embed(?=[^/]*$)/, 'embed-more')))[deed](...facts);

  /** Bring a box to life, until the signal ends it. */
  const open = async (box, root, signal) => {
    // Attributes that change together start once; children that are inlined may not have been read yet.
    await (root == box && document.readyState == 'loading' && new Promise((go) => addEventListener('DOMContentLoaded', go)));
    if (signal.aborted) return;
    const find = (css) => root.querySelector(css);
    const say = () => find('section').dataset;
    const attr = (name) => box.getAttribute(name);
    const tell = (text, place = '.cb-status') => { find(place).textContent = text };
    const site = attr('site');
    const url = attr('url') || /** @type {any} */ (document.querySelector('[rel=canonical]'))?.href || location.href.split('#')[0];
    const lang = box.closest('[lang]')?.lang;
    const post = (path, body) => fetch(base + 'api/v1/' + path, { method: 'POST', body });
    const emit = (name, detail, cancelable) => box.dispatchEvent(
      new CustomEvent('comment-box:' + name, { detail, cancelable, bubbles: true, composed: true }));
    const memory = () => recall('comment-box', 'localStorage');
    const settle = () => { box.dataset.settled = '' };
    let form;
    let target;
    let opener;
    let ticket;
    let busy;

    /** Fetch the thread, or the part of it that the query names. */
    const get = async (part) => {
      const asked = { page: attr('page'), url, lang, sort: attr('sort'), heading: attr('heading'), ...part };
      const query = new URLSearchParams();
      for (const name in asked) if (asked[name]) query.set(name, asked[name]);
      // Who takes part must not meet the thread as it was before.
      const answer = await fetch(`${base}embed/${site}/thread?${query}`, { signal, cache: memory() && 'no-cache' });
      if (answer.ok) return answer.text();
      throw (await answer.json()).detail;
    };

    const load = async (part) => {
      try {
        const html = await get(part);
        if (find('section')) {
          if (part?.comment && !html.includes(`"${part.comment}"`)) return;
          // What is being typed goes home and waits there.
          if (opener) move('');
        }
        put(root, html);
      } catch (why) { return fail(why) }
      adopt();
    };

    /** The owner reads the reason on the console, the reader one calm line. */
    const fail = (why) => {
      if (signal.aborted) return;
      const line = /^de/.test(lang) ? 'Kommentare sind nicht erreichbar' : 'Comments are not available';
      console.error('comment-box:', base, why?.message ? 'cannot be reached' : why);
      if (find('section')) tell(line);
      else put(root, `<p role="status">${line}</p><slot></slot>`);
      emit('error', { detail: why });
    };

    /** Take over a fragment that stands in its place. */
    const adopt = () => {
      form = find('.cb-form');
      dress();
      if (form) {
        target = form.parent.value;
        opener = find('[aria-expanded=true]');
        form.text.value ||= recall(spot()) ?? '';
      }
      if (memory()) safely(() => more('restore', kit));
      emit('count', { count: +say().count });
      emit('ready');
      seek();
      // The reserved height is given back where nobody sees it.
      if (find('section').getBoundingClientRect().bottom > innerHeight) settle();
    };

    /** Write times as this reader says them. */
    const dress = () => {
      const lang = find('section')?.lang;
      for (const time of root.querySelectorAll('time')) {
        const at = new Date(time.dateTime);
        const minutes = (+at - Date.now()) / 6e4;
        const [size, unit] = minutes < -1440 ? [1440, 'day'] : minutes < -60 ? [60, 'hour'] : [1, 'minute'];
        const past = minutes / size | 0;
        time.title = at.toLocaleString(lang, { dateStyle: 'long', timeStyle: 'short' });
        time.textContent = minutes < -43200 ? time.title : new Intl.RelativeTimeFormat(lang, { numeric: 'auto' })
          .format(past, /** @type {any} */ (past ? unit : 'second'));
      }
    };

    /** The name of the draft for the form's present place, kept for this tab. */
    const spot = () => `comment-box:${site}:${say().page}:${target}`;
    const save = () => keep(spot(), form.text.value);

    /** Move the one form below a comment, or home. What was typed travels along, unless other words wait there. */
    const move = (to, by, title = say().write, words = kit.edit && '') => {
      const before = spot();
      target = to;
      const draft = recall(spot());
      if (words == null && !draft) keep(before);
      form.text.value = draft ?? words ?? form.text.value;
      form.parent.value = to;
      save();
      change();
      opener?.setAttribute('aria-expanded', false);
      by?.setAttribute('aria-expanded', true);
      opener = by;
      kit.edit = null;
      tell(title, '#cb-title');
      tell('', '.cb-alert');
      find('.cb-cancel').hidden = !by;
      if (by) {
        by.closest('article').after(find('#respond'));
        form.text.focus();
      } else find('.cb-home').append(find('#respond'));
    };

    // Other words are another comment, not a retry.
    const change = () => { form.idempotency_key.value = '' };

    const leave = () => {
      const by = opener;
      move('');
      by.focus();
      emit('reply-cancel');
    };

    /** Fetch the proof of when the form was opened, once it is used. */
    const prove = () => ticket ??= post(`sites/${site}/tickets`).then((answer) => answer.json());

    const send = async () => {
      form.ticket.value ||= (await prove()).ticket ?? '';
      const body = new URLSearchParams(/** @type {any} */ (new FormData(form)));
      if (root != box) {
        body.set('url', url);
        body.set('title', attr('title') ?? document.title);
      }
      return post(`sites/${site}/comments`, body);
    };

    // Anchors of other engines lead to what was imported from them: the service knows which is which.
    const named = () => /#(.*(isso|com+en|respond|\w{24}).*)/.exec(location.hash)?.[1];

    /** Arrive at the comment that the address names; with `far`, wherever in the thread it is. */
    const seek = (far) => {
      const comment = named();
      const there = find(`[id="${comment}"]`);
      if (there) arrive(there.closest('article') ?? there);
      else if (far && comment) return load({ comment });
    };

    const arrive = (there) => {
      find('[data-target]')?.removeAttribute('data-target');
      there.dataset.target = '';
      there.tabIndex = -1;
      there.focus();
      there.scrollIntoView();
      // Once more, for what stands above may get its real height only then.
      requestAnimationFrame(() => there.scrollIntoView());
    };

    /** What the second file works with. */
    const kit = { box, root, site, find, say, tell, put, recall, keep, get, load, fail, dress, save, move, arrive,
      emit, post };

    const hear = {
      click(event) {
        const hit = event.target.closest('.cb-foot button,.cb-cancel,.cb-more,.cb-sort a');
        if (event.ctrlKey || event.metaKey) return;
        // The same address again is no change of it.
        if (event.target.closest('a')?.hash == location.hash) seek();
        if (!hit) return;
        event.preventDefault();
        if (hit == opener || hit.matches('.cb-cancel')) leave();
        else if (hit.name) {
          const name = hit.closest('article').querySelector('.cb-name').textContent;
          move(hit.value, hit, say().answer.replace('{}', () => name));
          emit('reply-open', { parent: +target });
        } else return more('click', kit, hit);
      },
      async submit(event) {
        if (event.target != form) return;
        event.preventDefault();
        if (busy || !emit('before-submit', { form }, true)) return;
        const button = find('.cb-submit');
        form.idempotency_key.value ||= crypto.getRandomValues(new Uint32Array(4)).join('-');
        tell('', '.cb-alert');
        tell(say().sending);
        button.setAttribute('aria-disabled', busy = true);
        try {
          const answer = await (kit.edit ?? send)();
          await more(answer.ok ? 'accepted' : 'refused', kit, await answer.json(), answer);
        } catch (/** @type {any} */ error) {
          // The key stays with the words, so sending them again cannot post twice.
          tell('');
          tell(say().lost, '.cb-alert');
          tell(say().again, '.cb-submit');
          emit('error', { detail: error.message });
        }
        busy = ticket = null;
        button.removeAttribute('aria-disabled');
      },
      input() {
        settle();
        change();
        save();
      },
      change(event) {
        if (find('#cb-remember').checked || event.target.type == 'checkbox') return more('remember', kit);
      },
      keydown(event) {
        if (event.key == 'Escape' && opener) leave();
        if (event.key == 'Enter' && (event.ctrlKey || event.metaKey) && form?.contains(event.target)) form.requestSubmit();
      },
      focusin(event) {
        if (!form?.contains(event.target)) return;
        return prove().catch(() => { ticket = null });
      },
      hashchange: seek,
      // Back from the browser's memory, times have moved on.
      pageshow: dress,
    };
    for (const type in hear) {
      (/^[hp]/.test(type) ? window : root).addEventListener(type, (event) => safely(() => hear[type](event)), { signal });
    }

    const comment = named();
    // What stands there serves again if it is what is wanted now: the box may come back on another page.
    const wanted = [attr('page'), url, lang, attr('sort'), site] + '';
    if (find('section') && (box.of ??= wanted) == wanted) return adopt();
    box.of = wanted;
    if (comment || find('section') || attr('loading') == 'eager') return load({ comment });
    const near = new IntersectionObserver(([seen]) => {
      if (!seen.isIntersecting) return;
      near.disconnect();
      safely(() => load({ comment: named() }));
    }, { rootMargin: '800px' });
    near.observe(box);
  };

  class CommentBox extends HTMLElement {
    static observedAttributes = ['site', 'page', 'url', 'lang', 'sort'];

    connectedCallback() {
      if (!this.hasAttribute('inlined') && !this.shadowRoot) {
        const root = this.attachShadow({ mode: 'open' });
        root.adoptedStyleSheets = [sheet];
        put(root, '<slot></slot>');
      }
      this.begin();
    }

    /** @type {AbortController | undefined} */ stop;

    disconnectedCallback() { this.stop?.abort() }

    attributeChangedCallback() { if (this.isConnected && this.stop) this.begin() }

    /** Start over; what was under way ends. */
    begin() {
      this.stop?.abort();
      const stop = this.stop = new AbortController();
      safely(() => open(this, this.shadowRoot ?? this, stop.signal));
    }
  }

  if (!customElements.get('comment-box')) {
    sheet.replaceSync('@@comment-box.css@@');
    customElements.define('comment-box', CommentBox);
    customElements.define('comment-count', class extends HTMLElement {
      connectedCallback() { safely(() => more('count', this, base, script.dataset.site)) }
    });
  }
  // A script tag that names a site stands for a thread, unless the page places its threads itself.
  if (script.dataset.site && script.nextElementSibling?.localName != 'comment-box'
    && !document.querySelector('comment-box:not(script+comment-box)')) {
    const box = document.createElement('comment-box');
    for (const name in script.dataset) box.setAttribute(name, /** @type {string} */ (script.dataset[name]));
    script.after(box);
  }
} catch (error) { console.error('comment-box:', error) }
