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
      const lacks = (html) => part?.comment && !html.includes(`"${part.comment}"`);
      try {
        const html = await get(part);
        if (form === undefined) {
          put(root, html);
          await adopt();
        } else if (!lacks(html)) await more('swap', kit, html);
        // Other anchors may be the page's own.
        if (!/^comment-\d/.test(part?.comment) || !lacks(root.innerHTML)) return;
      } catch (why) { return fail(why) }
      arrive(find('#comments'));
      tell(say().gone);
    };

    /** The owner reads the reason on the console, the reader one calm line. */
    const fail = (why) => {
      if (signal.aborted) return;
      const line = /^de/.test(lang) ? 'Die Kommentare können gerade nicht angezeigt werden.' : 'Comments cannot be shown at the moment.';
      console.error('comment-box:', base, why?.message ? 'cannot be reached' : why);
      if (find('section')) tell(line);
      else put(root, `<p role="status">${line}</p><slot></slot>`);
      settle();
      emit('error', { detail: why });
    };

    /** Take over a fragment that stands in its place; `then` brings back what was being written. */
    const adopt = async (then) => {
      form = find('.cb-form');
      dress();
      if (form) {
        target = form.parent.value;
        opener = find('[aria-expanded=true]');
        form.text.value ||= recall(spot()) ?? '';
      }
      then?.();
      emit('count', { count: +say().count });
      emit('ready');
      // The reserved height is given back where nobody sees it.
      if (find('section').getBoundingClientRect().bottom > innerHeight) settle();
      if (memory()) await safely(() => more('restore', kit));
      if (!signal.aborted) seek();
    };

    /** Write times as this reader says them. */
    const dress = (isPaper) => {
      const lang = find('section')?.lang;
      for (const time of root.querySelectorAll('time')) {
        const at = new Date(time.dateTime);
        const minutes = (+at - Date.now()) / 6e4;
        const [size, unit] = minutes < -1440 ? [1440, 'day'] : minutes < -60 ? [60, 'hour'] : [1, 'minute'];
        const past = minutes / size | 0;
        time.title = at.toLocaleString(lang, { dateStyle: 'long', timeStyle: 'short' });
        time.textContent = isPaper || minutes < -43200 ? time.title : new Intl.RelativeTimeFormat(lang, { numeric: 'auto' })
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
      if (by) by.closest('article').after(find('#respond'));
      else find('.cb-home').append(find('#respond'));
    };

    // Other words are another comment, not a retry.
    const change = () => { form.idempotency_key.value = '' };

    const leave = () => {
      const by = opener;
      move('');
      by.focus();
      emit('reply-cancel');
    };

    const answer = (by) => move(by.value, by,
      say().answer.replace('{}', () => by.closest('article').querySelector('.cb-name').textContent));

    // What was told stands in the way of who goes on.
    const quiet = () => kit.busy || !find('.cb-status') || tell('');

    const named = () => /^#((isso|[-\w]*comment\w*|comentario)-.+|comments|respond|\w{24,})$/.exec(location.hash)?.[1];

    /** Arrive at the comment that the address names; with `far`, wherever in the thread it is. */
    const seek = (far) => {
      const comment = named();
      const there = find(`[id="${comment}"]`);
      if (there) arrive(there.closest('article') ?? there);
      else if (far && comment) return load({ comment });
    };

    const arrive = (there) => {
      find('[data-target]')?.removeAttribute('data-target');
      if (there.id == 'respond') form.text.focus({ preventScroll: true });
      else {
        there.dataset.target = '';
        there.tabIndex = -1;
        there.focus({ preventScroll: true });
      }
      there.scrollIntoView();
      // Once more, for what stands above may get its real height only then.
      requestAnimationFrame(() => there.scrollIntoView());
    };

    /** What the second file works with. */
    const kit = { box, root, site, url, find, say, tell, attr, put, recall, keep, get, load, adopt, fail, dress, save, move,
      answer, arrive, emit, post };

    const hear = {
      click(event) {
        const hit = event.target.closest('.cb-foot button,.cb-cancel,.cb-more,.cb-sort a,.cb-look');
        if (event.ctrlKey || event.metaKey) return;
        quiet();
        // The same address again is no change of it.
        if (event.target.closest('a')?.hash == location.hash) seek(1);
        if (!hit) return;
        event.preventDefault();
        if (hit == opener || hit.matches('.cb-cancel')) leave();
        else if (hit.name) {
          answer(hit);
          form.text.focus();
          emit('reply-open', { parent: +target });
        } else return more('click', kit, hit, event);
      },
      submit(event) {
        if (event.target != form) return;
        event.preventDefault();
        return more('submit', kit).catch((why) => {
          tell(say().lost, '.cb-alert');
          throw why;
        });
      },
      input() {
        settle();
        quiet();
        change();
        save();
      },
      change(event) {
        if (find('#cb-remember').checked || event.target.type == 'checkbox') return more('remember', kit);
      },
      keydown(event) {
        quiet();
        if (event.key == 'Escape' && opener) leave();
        if (event.key == 'Enter' && (event.ctrlKey || event.metaKey) && form?.contains(event.target)) form.requestSubmit();
      },
      // Who is about to write will need the second file, and the proof of when the form was opened.
      focusin: (event) => form?.contains(event.target) && more('prove', kit),
      scroll() { if (find('section')) settle() },
      beforeprint() {
        dress(true);
        if (form === undefined) return load();
      },
      afterprint: () => dress(),
      hashchange: seek,
      // Back from the browser's memory, times have moved on.
      pageshow: () => dress(),
    };
    for (const type in hear) {
      (/^h|^p|pr|sc/.test(type) ? window : root).addEventListener(type, (event) => safely(() => hear[type](event)), { signal });
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
      form === undefined && safely(() => load({ comment: named() }));
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
