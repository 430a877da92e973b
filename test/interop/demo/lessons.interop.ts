import assert from 'node:assert/strict';
import { loadLessons } from '../../../src/demo/lesson-schema.js';
import { lessonFolder } from '../../demo/demo-fixture.js';
import { chromiumOf } from './browser.js';

const lessons = loadLessons(lessonFolder);

describe('The lessons, played from the page in Chromium', () => {
  const chromium = chromiumOf();

  for (const lesson of lessons) {
    it(lesson.title, async () => {
      const { demo, server } = await chromium().serve({ lessons });
      const page = await chromium().open(server);
      await page.getByRole('button', { name: 'Lessons' }).click();
      await page.getByRole('button', { name: `Start: ${lesson.title}` }).click();
      const panel = page.locator('.lesson');
      for (const [at, { text, question }] of lesson.steps.entries()) {
        await panel.getByText(`Step ${at + 1} of ${lesson.steps.length}`).waitFor();
        assert.equal((await panel.locator('.telling').allInnerTexts()).join(' ').replace(/\s+/g, ' '), text.trim().replace(/\s+/g, ' '));
        const next = panel.getByRole('button', { name: 'Next' });
        if (question !== undefined) {
          await panel.getByRole('button', { name: question.choices[question.right] ?? '', exact: true }).click();
          await panel.getByText('Right.').waitFor();
          assert.match(await panel.locator('.because').innerText(), new RegExp(question.because.slice(0, 20).replace(/[^\w ]/g, '.')));
        }
        await next.click();
      }
      await panel.getByText('This lesson is over.').waitFor();
      assert.equal(demo.lesson?.view().done, true);
      assert.equal(await page.locator('.card').count(), lesson.phones.length);
      await panel.getByRole('button', { name: 'Close' }).click();
      await panel.waitFor({ state: 'hidden' });
    });
  }
});
