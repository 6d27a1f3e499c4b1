/** Starts the WebAssembly program of a page. Until it runs, no press is lost, and a sentence says why if it can't run. */
// The server writes this script into the head of each page that loads the program, without these comments. So it sees each press
// from the first moment on. `begin.js`, which comes with the program, does the rest.
(() => {
  const { js, wasm, when } = document.currentScript.dataset;
  const SLOW_MS = 20_000;
  const RETRY_MS = 1_000;
  // How long the program waits for the answer to a form that the browser has sent.
  const FORM_MS = 10_000;
  // How long the sentence about a press that could not be carried out stays.
  const LOST_MS = 10_000;
  // Nobody holds a button down for longer than this.
  const HOLD_MS = 2_000;
  const NEEDS_PROGRAM = '[data-scripts]:disabled, [data-scripts] :disabled';
  const BLOCKED =
    'This browser blocks WebAssembly, which Snug needs for joining and talking. If Lockdown Mode is on, turn it off for this site, or use another browser.';
  const NOT_LOADED = 'A part of this page did not load, so you can’t join or talk yet. Check your connection.';
  const SLOW = 'A part of this page has not arrived yet, so you can’t join or talk. It may still come.';

  const LOST = 'What you pressed before the page was ready could not be done. Please press it again.';

  const presses = [];
  const typed = new Set();
  const unlocked = [];
  let running = false;
  let failure = null;
  let form = null;
  let submitter = null;
  let awaitsForm = false;
  let formTimer = 0;
  let downSince = 0;
  let notice = null;
  let attempt = 0;
  let mustMount = false;

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const parsed = new Promise((done) => {
    if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', done, { once: true });
    else done();
  });

  const say = (words, canReload = false) => {
    if (!notice) {
      notice = document.createElement('div');
      notice.className = 'banner-place';
      notice.id = 'start-notice';
      notice.setAttribute('role', 'status');
      document.body.append(notice);
    }
    const place = notice;
    const line = document.createElement('p');
    line.className = 'banner';
    const text = document.createElement('span');
    text.textContent = words;
    if (canReload) {
      const link = document.createElement('a');
      link.href = location.pathname + location.search;
      link.textContent = 'Load the page again';
      text.append(' ', link, '.');
    }
    line.append(text);
    // Screen readers announce only text that comes into an element which they know already.
    setTimeout(() => place.replaceChildren(line), 50);
  };
  const hush = () => {
    notice?.remove();
    notice = null;
  };

  // The server disables the buttons that need the program. We enable them, because a disabled button notices no press.
  const unlock = () => {
    for (const control of document.querySelectorAll(NEEDS_PROGRAM)) {
      control.disabled = false;
      if (control.getAttribute('aria-describedby') === 'start-notice') control.removeAttribute('aria-describedby');
      unlocked.push(control);
    }
  };
  const lock = (why) => {
    for (const control of unlocked.splice(0)) {
      control.disabled = true;
      if (why && !control.hasAttribute('aria-describedby')) control.setAttribute('aria-describedby', why);
    }
  };

  const fail = (words, canReload) => {
    failure = [words, canReload];
    for (const { button } of presses.splice(0)) button.removeAttribute('aria-busy');
    lock('start-notice');
    say(words, canReload);
  };

  const onClick = ({ target }) => {
    const button = target instanceof Element && target.closest('button');
    // A button that sends a form, or opens a popover, works without the program.
    if (running || !button || (button.form && button.type !== 'button')) return;
    const opens = button.hasAttribute('popovertarget');
    if (failure) {
      if (!opens) say(...failure);
      return;
    }
    if (opens || !presses.some((press) => press.button === button)) presses.push({ button, opens });
    if (opens) return;
    button.setAttribute('aria-busy', 'true');
    say('Starting…');
  };

  const forgetForm = () => {
    clearTimeout(formTimer);
    submitter?.removeAttribute('aria-busy');
    form = submitter = null;
    awaitsForm = false;
  };
  const onSubmit = (event) => {
    if (event.target.method === 'dialog') return;
    // The browser is still sending this form, so this is a second press.
    if (!running && event.target === form) {
      event.preventDefault();
      return;
    }
    // The browser sends only the last of several forms. Once the program runs, it sends them.
    forgetForm();
    if (running) return;
    ({ target: form, submitter } = event);
    submitter?.setAttribute('aria-busy', 'true');
    awaitsForm = true;
    formTimer = setTimeout(() => (awaitsForm = false), FORM_MS);
  };

  addEventListener('click', onClick, true);
  addEventListener('submit', onSubmit, true);
  addEventListener('input', ({ target }) => running || typed.add(target), true);
  addEventListener('pageshow', ({ persisted }) => persisted && forgetForm());
  addEventListener('pointerdown', () => (downSince = Date.now()), true);
  for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => (downSince = 0), true);

  const start = async (script, program) => {
    const snug = await import(attempt ? `${script}#${attempt}` : script);
    await snug.default({ module_or_path: program });
    await parsed;
    // If the browser is sending a form, its answer is another page. A button that is held down must stay until it is released.
    while (awaitsForm || Date.now() - downSince < HOLD_MS) await pause(50);
    // Leptos expects the page as the server sent it.
    lock();
    running = true;
    let carriedOut = true;
    try {
      // `cargo leptos` builds the program without `begin.js`.
      if (snug.begin) carriedOut = snug.begin(snug, { mustMount, presses, typed });
      else snug.hydrate();
    } catch (error) {
      running = false;
      // The program has stopped in the middle of its work on the page, so the next one must not build on it.
      mustMount = true;
      unlock();
      throw error;
    }
    // Until everything that was pressed is done, the sentence that says so stays. It does not count as a part that is late.
    const tellLost = async (isDone) => {
      if (isDone) return;
      say(LOST);
      await pause(LOST_MS);
    };
    Promise.resolve(carriedOut).then(tellLost).catch(console.warn).then(hush);
    presses.length = 0;
  };

  // The addresses in the page as it is now. After an upgrade of the server, the files of the old program are gone.
  const currentFiles = async () => {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const files = page.querySelector('script[data-wasm]')?.dataset ?? { js, wasm };
    mustMount ||= files.js !== js;
    return files;
  };

  const run = async () => {
    if (typeof WebAssembly === 'undefined') {
      await parsed;
      fail(BLOCKED, false);
      return;
    }
    const slow = setTimeout(() => say(SLOW, true), SLOW_MS);
    try {
      await start(js, wasm);
    } catch (first) {
      console.warn(first);
      attempt += 1;
      try {
        await pause(RETRY_MS);
        const files = await currentFiles();
        await start(files.js, files.wasm);
      } catch (second) {
        console.warn(second);
        attempt += 1;
        await parsed;
        fail(NOT_LOADED, true);
        addEventListener('online', tryAgain, { once: true });
      }
    } finally {
      clearTimeout(slow);
    }
  };
  const tryAgain = () => {
    failure = null;
    hush();
    unlock();
    run();
  };

  parsed.then(unlock);
  if (when === 'now') run();
  else parsed.then(() => (window.requestIdleCallback ? requestIdleCallback(run, { timeout: 2_000 }) : setTimeout(run, 200)));
})();
