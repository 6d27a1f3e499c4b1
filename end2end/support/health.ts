/** The page `/admin/health`, as an owner uses it. */
import { expect, type Locator } from '@playwright/test';
import type { Visitor } from './visitor';

/** A Snug on loopback asks nobody else, so its examination takes less. */
const EXAMINED_WITHIN_MS = 20_000;

interface ShownFinding {
  result: 'bad' | 'warning' | 'skipped' | 'good';
  label: string;
  check: string;
  message: string;
  advice: string;
}

/** One finding of each kind. The longest words in them are as wide as those of real findings. */
const EXAMPLES: ShownFinding[] = [
  {
    result: 'bad',
    label: 'Problem',
    check: 'dns',
    message: 'talk.example.org leads to 198.51.100.7, which is not an address of this machine.',
    advice: 'At the provider of the name, set its A record to 203.0.113.7. The change can take an hour.',
  },
  {
    result: 'warning',
    label: 'Warning',
    check: 'receive_buffer',
    message: 'The system gives the voice a receive buffer of 212,992 bytes.',
    advice: 'Run sysctl -w net.core.rmem_max=4194304, and write the same line into /etc/sysctl.d/snug.conf.',
  },
  { result: 'skipped', label: 'Not checked', check: 'clock', message: 'No server was there to compare the clock with.', advice: '' },
  { result: 'good', label: 'Good', check: 'disk', message: 'The disk has space.', advice: '' },
];

export function findings(owner: Visitor): Locator {
  return owner.page.getByRole('list', { name: 'Findings' }).getByRole('listitem');
}

/** Opens the page, which loads itself again until the examination has ended. */
export async function openHealth(owner: Visitor): Promise<void> {
  await owner.open('/admin/health');
  await isExamined(owner);
}

export async function isExamined(owner: Visitor): Promise<void> {
  await expect(findings(owner).first()).toBeVisible({ timeout: EXAMINED_WITHIN_MS });
}

/** Replaces what was found, because it depends on the machine. */
export async function showExamples(owner: Visitor): Promise<void> {
  await owner.main.evaluate((main, examples) => {
    const list = main.querySelector('ol')!;
    const first = list.querySelector('li')!;
    const items = examples.map(({ result, label, check, message, advice }) => {
      const item = first.cloneNode(true) as HTMLElement;
      item.dataset.result = result;
      item.querySelector('h2')!.textContent = message;
      item.querySelector('.chip')!.textContent = label;
      item.querySelector('code')!.textContent = check;
      item.querySelector('p:not(.hint)')?.remove();
      if (advice) {
        const paragraph = document.createElement('p');
        paragraph.textContent = advice;
        item.querySelector('.check-head')!.after(paragraph);
      }
      return item;
    });
    list.replaceChildren(...items);
    main.querySelector('[role=status]')!.textContent = '1 problem, 1 warning. Checked just now.';
  }, EXAMPLES);
}
