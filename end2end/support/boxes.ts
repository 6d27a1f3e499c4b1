/** Measures the boxes of a room's page: its buttons, faces, names and badges, its header and its controls. */
import type { Page } from '@playwright/test';

export interface Size {
  width: number;
  height: number;
}

/** What is wrong with the layout of the room's page at this size, one line for each fault. `needed` are the names of the controls that must
 *  be on the screen. The page is not loaded again. */
export async function faultsAt(page: Page, size: Size, needed: string[]): Promise<string[]> {
  await page.setViewportSize(size);
  return page.evaluate(measure, needed);
}

/** The controls in the header and the bar of the room's page that a toast covers at this size. */
export async function underToastsAt(page: Page, size: Size): Promise<string[]> {
  await page.setViewportSize(size);
  return page.evaluate(() => {
    const toasts = [...document.querySelectorAll('.toast')].map((toast) => toast.getBoundingClientRect()).filter(({ width }) => width > 0);
    if (toasts.length === 0) return ['there is no toast'];
    const controls = [...document.querySelectorAll('header.room-head :is(a, button, summary), .controls button')];
    const covered = controls.filter((control) => {
      const box = control.getBoundingClientRect();
      return toasts.some(
        ({ left, right, top, bottom }) => left < box.right && right > box.left && top < box.bottom && bottom > box.top,
      );
    });
    return covered.map((control) => control.textContent?.trim() || control.getAttribute('aria-label') || control.localName);
  });
}

/** Runs in the page, so it can use nothing from outside. Measures everything at once, because people come and speak meanwhile. */
async function measure(needed: string[]): Promise<string[]> {
  /** Boxes that share an edge overlap by less than this, in CSS pixels. */
  const TOLERANCE = 1;
  /** WCAG 2.2, success criterion 2.5.5. */
  const TARGET = 44;
  /** The largest part of a face that a badge may cover. */
  const BADGE_SHARE = 0.08;
  const CONTROLS = 'a[href], button, input, select, textarea, summary, [role="button"], [role="switch"], [tabindex="0"]';

  interface Box {
    what: string;
    of: Element;
    left: number;
    top: number;
    right: number;
    bottom: number;
  }

  const faults: string[] = [];
  const layers = new Map<Element, Element>();

  await settled();
  const people = [...document.querySelectorAll('li[data-person]:has(.who)')];
  const controls = [...document.querySelectorAll(CONTROLS)].filter(isShown).map((one) => boxOf(one, targetOf(one)));
  if (people.length === 0) faults.push('nobody is on the page');
  checkPage();
  checkControls();
  checkPeople();
  checkHeader();
  checkBars();
  checkEndsOfLists();
  return faults;

  // ---- What is checked

  function checkPage(): void {
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > innerWidth) faults.push(`the page is ${scrollWidth} px wide`);
    for (const box of controls) {
      if (box.left < -TOLERANCE || box.right > innerWidth + TOLERANCE) faults.push(`${box.what} is cut at the side`);
    }
  }

  function checkControls(): void {
    for (const box of controls) {
      const [width, height] = [box.right - box.left, box.bottom - box.top];
      // A link inside a sentence is as high as its line (the exception "Inline" of the success criterion).
      const isSmall = width < TARGET - 0.5 || height < TARGET - 0.5;
      if (isSmall && !isInSentence(box.of)) faults.push(`${box.what} has only ${Math.round(width)} by ${Math.round(height)} px`);
    }
    eachPair(controls, (one, other) => {
      const isSame = targetOf(one.of) === targetOf(other.of) || one.of.contains(other.of) || other.of.contains(one.of);
      if (!isSame) refuseOverlap(one, other);
    });
  }

  function checkPeople(): void {
    const faces: Box[] = [];
    const names: Box[] = [];
    const badges: Box[] = [];
    for (const person of people) {
      const face = person.querySelector('.face');
      if (!face) {
        faults.push(`${nameOf(person)} has no face`);
        continue;
      }
      faces.push({ ...boxOf(face), what: `the face of ${nameOf(person)}`, of: person });
      names.push(...textOf(person).map((box) => ({ ...box, what: `the name of ${nameOf(person)}`, of: person })));
      for (const badge of badgesOf(person, face)) {
        // A badge with a word is measured with the names.
        if (!badge.textContent?.trim()) badges.push({ ...boxOf(badge), what: `a badge of ${nameOf(person)}`, of: person });
        const share = coveredShare(face, badge);
        if (share > BADGE_SHARE) faults.push(`a badge covers ${Math.round(100 * share)} % of the face of ${nameOf(person)}`);
      }
    }
    const refuseOfOthers = (one: Box, other: Box) => {
      if (one.of !== other.of) refuseOverlap(one, other);
    };
    eachPair(faces, refuseOfOthers);
    eachPair(names, refuseOfOthers);
    for (const face of faces) for (const name of names) refuseOverlap(face, name);
    for (const badge of badges) {
      for (const name of names) refuseOverlap(badge, name);
      for (const face of faces) refuseOfOthers(badge, face);
    }
  }

  function checkHeader(): void {
    const header = document.querySelector('header.room-head');
    const topic = header?.querySelector('h1');
    if (!header || !topic) {
      faults.push('the header has no topic');
      return;
    }
    const lines: number[] = [];
    for (const { top } of textOf(topic)) if (!lines.some((line) => Math.abs(line - top) < 4)) lines.push(top);
    if (lines.length !== 1) faults.push(`the topic has ${lines.length} lines`);
    const count = header.querySelector('.room-count');
    const parts = [topic, ...(count && isShown(count) ? [count] : []), ...header.querySelectorAll('a[href], button')];
    const boxes = parts.filter(isShown).map((part) => boxOf(part));
    const isOneLine = Math.max(...boxes.map(({ top }) => top)) < Math.min(...boxes.map(({ bottom }) => bottom));
    if (!isOneLine) faults.push('the header has more than one line');
  }

  /** The header and the controls: everything is whole, on the screen, and as wide as its content. */
  function checkBars(): void {
    const bars = controls.filter(({ of }) => of.closest('header.room-head, .controls'));
    for (const name of needed) {
      const many = bars.filter(({ of }) => nameOf(of) === name).length;
      if (many !== 1) faults.push(`${name} is ${many} times in the header and the controls`);
    }
    for (const { of: control, what } of bars) {
      if (control.scrollWidth > control.clientWidth + TOLERANCE) faults.push(`${what} is narrower than its content`);
      const box = control.getBoundingClientRect();
      const stuckOut = [...control.querySelectorAll('*')].filter(isShown).find((part) => {
        const inner = part.getBoundingClientRect();
        return inner.left < box.left - TOLERANCE || inner.right > box.right + TOLERANCE;
      });
      if (stuckOut) faults.push(`${describe(stuckOut)} sticks out of ${what}`);
      const isWhole = box.left >= 0 && box.top >= 0 && box.right <= innerWidth + 0.5 && box.bottom <= innerHeight + 0.5;
      if (!isWhole) faults.push(`${what} is not whole on the screen`);
      else refuseCovered(control, what, [0.5]);
    }
    const both = [document.querySelector('header.room-head'), document.querySelector('.controls')];
    const [head, bar] = both.map((one) => one && one.getBoundingClientRect());
    if (head && bar && overlap(head, bar)) faults.push('the header and the controls overlap');
    const own = document.querySelector('.controls-middle button')?.getBoundingClientRect();
    const isColumn = matchMedia('(max-height: 30rem) and (min-width: 30rem)').matches;
    const off = bar && own && !isColumn ? (own.left + own.right - bar.left - bar.right) / 2 : 0;
    if (Math.abs(off) > TOLERANCE) faults.push(`the own button is ${Math.round(off)} px beside the middle of the controls`);
  }

  /** The first and the last face of each list can be scrolled to a place where nothing covers it. */
  function checkEndsOfLists(): void {
    for (const list of document.querySelectorAll('section.stage ul, section.audience ul')) {
      const seats = [...list.querySelectorAll('.who')].filter(isShown);
      for (const seat of new Set([seats[0], seats.at(-1)])) {
        if (!seat) continue;
        seat.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
        refuseCovered(seat, nameOf(seat), [0.05, 0.5, 0.95]);
      }
    }
    scrollToTop();
  }

  /** Looks at points in the middle of the element's width, at these parts of its height. */
  function refuseCovered(element: Element, what: string, heights: number[]): void {
    const box = element.getBoundingClientRect();
    for (const height of heights) {
      const [x, y] = [(box.left + box.right) / 2, box.top + (box.bottom - box.top) * height];
      const hit = document.elementFromPoint(x, y);
      if (hit && element.contains(hit)) continue;
      faults.push(hit ? `${what} is under ${describe(hit)}` : `${what} is not on the screen after scrolling to it`);
      return;
    }
  }

  // ---- Boxes

  /** A box in the coordinates of the document, so that scrolling does not change it. */
  function boxOf(element: Element, target = element): Box {
    const { left, top, right, bottom } = target.getBoundingClientRect();
    return { what: describe(element), of: element, left: left + scrollX, top: top + scrollY, right: right + scrollX, bottom: bottom + scrollY };
  }

  function overlap(one: Omit<Box, 'what' | 'of'>, other: Omit<Box, 'what' | 'of'>): boolean {
    const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
    const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
    return wide > TOLERANCE && high > TOLERANCE;
  }

  /** Content scrolls below a bar that stays, so boxes in two layers may overlap. */
  function refuseOverlap(one: Box, other: Box): void {
    const isFault = overlap(one, other) && layerOf(one.of) === layerOf(other.of);
    if (isFault) faults.push(`${one.what} overlaps ${other.what}`);
  }

  /** Calls `look` with each pair of boxes once. */
  function eachPair(boxes: Box[], look: (one: Box, other: Box) => void): void {
    boxes.forEach((one, at) => boxes.slice(at + 1).forEach((other) => look(one, other)));
  }

  /** The nearest ancestor that moves in its own way when the page is scrolled. */
  function layerOf(element: Element): Element {
    const known = layers.get(element);
    if (known) return known;
    const parent = element.parentElement;
    const { position, overflowY } = getComputedStyle(element);
    const stays = position === 'fixed' || position === 'sticky';
    const scrolls = /auto|scroll/.test(overflowY) && element.scrollHeight > element.clientHeight + 1;
    const layer = !parent || stays || (scrolls && parent !== document.documentElement) ? element : layerOf(parent);
    layers.set(element, layer);
    return layer;
  }

  /** The boxes of the lines of text in `root` that are not clipped away. */
  function textOf(root: Element): Box[] {
    const boxes: Box[] = [];
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const parent = texts.currentNode.parentElement;
      if (!parent || !texts.currentNode.nodeValue?.trim() || !isShown(parent)) continue;
      const range = document.createRange();
      range.selectNodeContents(texts.currentNode);
      for (const line of range.getClientRects()) {
        const box = { left: line.left, top: line.top, right: line.right, bottom: line.bottom };
        for (let at: Element | null = parent; at && root.contains(at); at = at.parentElement) clip(box, at);
        const isSeen = box.right - box.left > TOLERANCE && box.bottom - box.top > TOLERANCE;
        if (!isSeen) continue;
        boxes.push({ what: '', of: root, left: box.left + scrollX, top: box.top + scrollY, right: box.right + scrollX, bottom: box.bottom + scrollY });
      }
    }
    return boxes;
  }

  function clip(box: { left: number; top: number; right: number; bottom: number }, by: Element): void {
    if (getComputedStyle(by).overflowX === 'visible') return;
    const { left, top, right, bottom } = by.getBoundingClientRect();
    box.left = Math.max(box.left, left);
    box.top = Math.max(box.top, top);
    box.right = Math.min(box.right, right);
    box.bottom = Math.min(box.bottom, bottom);
  }

  /** Everything painted beside the face and its text. */
  function badgesOf(person: Element, face: Element): Element[] {
    const found: Element[] = [];
    const look = (element: Element) => {
      if (element === face || !isShown(element)) return;
      if (!element.contains(face) && isPainted(element)) found.push(element);
      else for (const part of element.children) look(part);
    };
    look(person);
    return found;
  }

  function isPainted(element: Element): boolean {
    if (element instanceof SVGElement || element instanceof HTMLImageElement) return true;
    const { backgroundColor, backgroundImage, borderTopWidth } = getComputedStyle(element);
    const isClear = /^transparent$|[,/] 0\)$/.test(backgroundColor);
    return !isClear || backgroundImage !== 'none' || parseFloat(borderTopWidth) > 0;
  }

  /** The part of the round face that the badge covers. Counts points of a grid. */
  function coveredShare(face: Element, badge: Element): number {
    const STEPS = 32;
    const [below, above] = [face.getBoundingClientRect(), badge.getBoundingClientRect()];
    const isRound = parseFloat(getComputedStyle(badge).borderTopLeftRadius) >= 40;
    const isIn = (box: DOMRect, x: number, y: number, round: boolean) => {
      const [across, down] = [(x - box.left) / box.width - 0.5, (y - box.top) / box.height - 0.5];
      return round ? Math.hypot(across, down) < 0.5 : Math.abs(across) < 0.5 && Math.abs(down) < 0.5;
    };
    let [all, covered] = [0, 0];
    for (let column = 0; column < STEPS; column++) {
      for (let row = 0; row < STEPS; row++) {
        const x = below.left + (below.width * (column + 0.5)) / STEPS;
        const y = below.top + (below.height * (row + 0.5)) / STEPS;
        if (!isIn(below, x, y, true)) continue;
        all++;
        if (isIn(above, x, y, isRound)) covered++;
      }
    }
    return covered / Math.max(1, all);
  }

  // ---- Elements

  function isShown(element: Element): boolean {
    if (!element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) return false;
    const { width, height, bottom } = element.getBoundingClientRect();
    // A link to skip content is above the screen until it has the focus.
    const isAbove = bottom <= 0 && getComputedStyle(element).position === 'fixed';
    return width > 1 && height > 1 && !isAbove && !element.closest('.visually-hidden');
  }

  /** The label of a checkbox or radio button is part of its target. */
  function targetOf(control: Element): Element {
    const isChoice = control instanceof HTMLInputElement && /checkbox|radio/.test(control.type);
    return (isChoice && control.labels?.[0]) || control;
  }

  function isInSentence(element: Element): boolean {
    const around = element.parentElement?.textContent?.trim().length ?? 0;
    return getComputedStyle(element).display === 'inline' && around > (element.textContent?.trim().length ?? 0);
  }

  function nameOf(element: Element): string {
    const name = element.getAttribute('aria-label') ?? element.textContent ?? '';
    return name.trim().replace(/\s+/g, ' ').slice(0, 50);
  }

  function describe(element: Element): string {
    const name = nameOf(element);
    return name ? `${element.localName} "${name}"` : `${element.localName}.${element.getAttribute('class') ?? ''}`;
  }

  // ---- Time

  /** The layout is done: scripts that react to a new size have run, and faces do not slide any more. */
  async function settled(): Promise<void> {
    scrollToTop();
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    for (const animation of document.getAnimations()) {
      if (Number.isFinite(animation.effect?.getComputedTiming().endTime)) animation.finish();
    }
  }

  function scrollToTop(): void {
    for (const place of [document.scrollingElement, ...document.querySelectorAll('main, main *')]) {
      if (place && place.scrollTop !== 0) place.scrollTop = 0;
    }
  }
}
