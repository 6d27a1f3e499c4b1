/** Starts the app in a document that others edit too: translators, extensions, phones and networks. */
// The build appends this file to the script of wasm-bindgen, and `boot.js` calls `begin`. docs/decisions/0053-program-start.md
// explains why.

const ELEMENT = 1;
const TEXT = 3;
const COMMENT = 8;

// A button can appear or be enabled only after the program has got an answer of the server or the room.
const PRESS_MS = 30_000;

/** Hydrates the container if it is as the server sent it. Otherwise empties it, mounts the app, and brings back what was typed.
 *  Then carries out the presses, and keeps the texts true that translators replace. The promise says whether all presses were
 *  carried out. */
export function begin(program, { mustMount, presses, typed }) {
  const app = document.getElementById('app');
  for (const { button } of presses) button.removeAttribute('aria-busy');
  const pressed = presses.map(({ button, opens }) => ({ find: finder(app, button, true), opens }));
  let carriedOut;
  if (!mustMount && app.dataset.shape === shapeOf(app)) {
    program.hydrate();
    until(() => tellTyped(typed));
    if (presses.some(({ opens }) => opens)) until(() => tellOpened(app));
    carriedOut = replay(pressed.filter(({ opens }) => !opens));
  } else {
    mountAgain(program, app);
    carriedOut = replay(pressed);
  }
  keepTextsTrue(app);
  return carriedOut;
}

function mountAgain(program, app) {
  const restore = remember(app);
  const before = [...app.childNodes];
  app.replaceChildren();
  try {
    program.mount();
  } catch (error) {
    // The forms of the server's page still work.
    app.replaceChildren(...before);
    throw error;
  }
  restore();
}

/** The hash that `src/model/page_shape.rs` computes: FNV-1a with 32 bits over the elements, texts and comments below `root`. */
function shapeOf(root) {
  let hash = 0x811c9dc5;
  const add = (text) => {
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  };
  const visit = (parent) => {
    for (let node = parent.firstChild; node; node = node.nextSibling) {
      if (node.nodeType === ELEMENT) {
        add(`<${node.localName.toLowerCase()}`);
        visit(node);
        add('>');
      } else if (node.nodeType === COMMENT) {
        add('c');
        // Browsers cut very long texts into several nodes.
      } else if (node.nodeType === TEXT && node.previousSibling?.nodeType !== TEXT) {
        add('t');
      }
    }
  };
  visit(root);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** Repeats `step` until it returns true, for five seconds or `forMs`. The first time is after the effects of the program. The promise
 *  says whether `step` has returned true. */
async function until(step, forMs = 5_000) {
  const end = performance.now() + forMs;
  await pause(0);
  while (!step()) {
    if (performance.now() > end) return false;
    await pause(50);
  }
  return true;
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

/** A function that finds `element` again, also after the app has been mounted and has made it again. If it `mustBeSure`, it finds
 *  nothing while there are more or fewer elements that look like this one than there were before: then it could be another one. */
function finder(app, element, mustBeSure = false) {
  const selector = selectorOf(element);
  const before = [...app.querySelectorAll(selector)];
  const index = before.indexOf(element);
  return () => {
    if (element.isConnected) return element;
    const now = app.querySelectorAll(selector);
    return mustBeSure && now.length !== before.length ? undefined : now[index];
  };
}

function selectorOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const names = ['name', 'type', 'class', 'href', 'aria-label', 'aria-describedby'];
  // Extensions add attributes of their own to fields, but hardly to buttons.
  if (element.localName === 'button') names.push(...element.getAttributeNames().filter((name) => name.startsWith('data-')));
  if (element.type === 'radio' || element.type === 'checkbox') names.push('value');
  const conditions = names
    .filter((name) => element.hasAttribute(name))
    .map((name) => `[${CSS.escape(name)}="${CSS.escape(element.getAttribute(name))}"]`);
  return element.localName + conditions.join('');
}

// ---- Presses and typed text

/** Carries out presses from before the start, each as soon as its button is there and enabled. The promise says whether all of them
 *  were carried out in time. */
async function replay(presses) {
  const carriedOut = presses.map(({ find }) =>
    until(() => {
      const button = find();
      if (!button || button.disabled) return false;
      button.click();
      return true;
    }, PRESS_MS),
  );
  return (await Promise.all(carriedOut)).every(Boolean);
}

/** Tells the program what was typed and chosen before it ran. */
function tellTyped(typed) {
  // The form for a face looks by itself for a photo that was chosen early.
  for (const field of typed) if (field.isConnected && field.type !== 'file') tell(field);
  return true;
}

function tell(field) {
  field.dispatchEvent(new Event('input', { bubbles: true }));
  if (field.localName === 'select' || ['checkbox', 'radio', 'file'].includes(field.type)) {
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }
}

/** Tells the program which sheets are open, because the browser opened them before the program ran. */
function tellOpened(app) {
  for (const popover of app.querySelectorAll('[popover]:popover-open')) {
    popover.dispatchEvent(new ToggleEvent('toggle', { oldState: 'closed', newState: 'open' }));
  }
  return true;
}

// ---- What people have done on the page before the app is mounted again

/** Remembers typed text, the focus and how far the page is scrolled. The function that it returns brings them back. */
function remember(app) {
  const fields = [...app.querySelectorAll('input, textarea, select')].filter(isTouched);
  const steps = [...fields.map((field) => rememberField(app, field)), rememberFocus(app), ...rememberScroll(app)];
  return () => steps.forEach((step) => until(step));
}

function isTouched(field) {
  if (field.type === 'hidden') return false;
  if (field.type === 'file') return field.files.length > 0;
  if (field.type === 'radio' || field.type === 'checkbox') return field.checked && !field.defaultChecked;
  if (field.localName === 'select') return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.value !== field.defaultValue;
}

function rememberField(app, field) {
  const find = finder(app, field);
  const { type, value, files } = field;
  return () => {
    const again = find();
    if (!again) return false;
    if (type === 'file') again.files = files;
    else if (type === 'radio' || type === 'checkbox') again.checked = true;
    else again.value = value;
    tell(again);
    return true;
  };
}

function rememberFocus(app) {
  const focused = document.activeElement;
  if (!app.contains(focused)) return () => true;
  const find = finder(app, focused);
  const { selectionStart, selectionEnd } = focused;
  return () => {
    const again = find();
    if (!again || again.disabled) return false;
    again.focus({ preventScroll: true });
    // An element in a sheet that is still closed takes no focus.
    if (document.activeElement !== again) return false;
    // Fields such as those for numbers have no selection.
    if (typeof selectionStart === 'number') again.setSelectionRange(selectionStart, selectionEnd);
    return true;
  };
}

function rememberScroll(app) {
  const { scrollX, scrollY } = window;
  let reached = window.scrollY;
  const page = () => {
    // If the person scrolls meanwhile, they decide. Emptying the container has scrolled to the top.
    if (window.scrollY !== reached && window.scrollY !== 0) return true;
    window.scrollTo(scrollX, scrollY);
    reached = window.scrollY;
    return Math.abs(reached - scrollY) < 2;
  };
  const scrolled = [...app.querySelectorAll('*')].filter(({ scrollTop }) => scrollTop > 0);
  const parts = scrolled.map((element) => {
    const [find, { scrollTop }] = [finder(app, element), element];
    return () => {
      const again = find();
      if (again) again.scrollTop = scrollTop;
      return again?.scrollTop === scrollTop;
    };
  });
  return [page, ...parts];
}

// ---- Texts that translators replace

/** Translators replace a text of ours by `<font>` elements. The program does not know that, and would change a text that nobody
 *  sees. So we put our text back beside the translation, without its words. If the program changes or removes the text, the
 *  translation goes, and the translator sees a new text. */
function keepTextsTrue(app) {
  // Our text to the translation that is shown instead, and back.
  const translations = new WeakMap();
  const originals = new WeakMap();

  const forget = (text) => {
    const { translation } = translations.get(text) ?? {};
    translations.delete(text);
    if (translation) originals.delete(translation);
    return translation;
  };
  const replaced = (text, { target, addedNodes, previousSibling, nextSibling }, records) => {
    const isTranslation = (node) => node?.localName === 'font' && node.parentNode && !originals.has(node);
    const isInItsPlace = (node) => node.previousSibling === previousSibling || node.nextSibling === nextSibling;
    const addedLater = records.flatMap((other) => (other.target === target ? [...other.addedNodes] : []));
    const candidates = [...addedNodes, previousSibling, nextSibling, ...addedLater.filter(isInItsPlace)];
    const translation = candidates.find(isTranslation);
    if (!translation || !text.data.trim()) return;
    translations.set(text, { translation, words: text.data });
    originals.set(translation, text);
    translation.before(text);
    text.data = '';
  };
  const removed = (node, record, records) => {
    if (originals.has(node) && !node.isConnected) {
      // The translator shows the original again, and may expect its words in it.
      const text = originals.get(node);
      const { words } = translations.get(text);
      forget(text);
      if (text.isConnected && text.data === '') text.data = words;
    } else if (node.nodeType === TEXT && !node.isConnected) {
      if (translations.has(node)) forget(node).remove();
      else replaced(node, record, records);
    }
  };
  const observer = new MutationObserver((records) => {
    for (const record of records) {
      if (record.type === 'childList') record.removedNodes.forEach((node) => removed(node, record, records));
      else if (translations.has(record.target)) forget(record.target).remove();
    }
    // Our own changes need no answer.
    observer.takeRecords();
  });
  observer.observe(app, { childList: true, characterData: true, subtree: true });
}
