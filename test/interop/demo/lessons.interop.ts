import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { loadLessons } from '../../../src/demo/lesson-schema.js';
import { lessonFolder } from '../../demo/demo-fixture.js';
import { chromiumOf } from './browser.js';

const lessons = loadLessons(lessonFolder);

/** Goes there by the Tab key, in a few steps from where the focus is, and presses Enter. */
async function enter(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let tabs = 0; await target.and(page.locator(':focus')).count() === 0; tabs++) {
    assert.ok(tabs < lessons.length + 3, `${String(target)} is far away by keyboard`);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
}

describe('The lessons, played from the page in Chromium by keyboard alone', () => {
  const chromium = chromiumOf();

  for (const lesson of lessons) {
    it(lesson.title, async () => {
      const { demo, server } = await chromium().serve({ lessons });
      const page = await chromium().open(server);
      await enter(page, page.getByRole('button', { name: 'Lessons' }));
      await enter(page, page.getByRole('button', { name: `Start: ${lesson.title}` }));
      const panel = page.locator('.lesson');
      for (const [at, { text, question, expect }] of lesson.steps.entries()) {
        await panel.getByText(`Step ${at + 1} of ${lesson.steps.length}`).waitFor();
        assert.equal((await panel.locator('.telling').allInnerTexts()).join(' ').replace(/\s+/g, ' '), text.trim().replace(/\s+/g, ' '));
        if (question !== undefined) {
          await enter(page, panel.getByRole('button', { name: question.choices[question.right] ?? '', exact: true }));
          await panel.getByText('Right.').waitFor();
          assert.match(await panel.locator('.because').innerText(), new RegExp(question.because.slice(0, 20).replace(/[^\w ]/g, '.')));
        }
        await panel.locator('button.primary:enabled').waitFor();
        const failing = expect.find(({ outcome, stage }) => outcome === 'failed' || outcome === 'degraded' || stage !== undefined);
        if (failing !== undefined) await page.locator(`.card.focused[data-phone=${failing.phone}]`).waitFor();
        await enter(page, panel.getByRole('button', { name: 'Next' }));
      }
      await panel.getByText('This lesson is over.').waitFor();
      assert.equal(demo.lesson?.view().done, true);
      assert.equal(await page.locator('.card').count(), lesson.phones.length);
      await enter(page, panel.getByRole('button', { name: 'Close' }));
      await panel.waitFor({ state: 'hidden' });
    });
  }
});
