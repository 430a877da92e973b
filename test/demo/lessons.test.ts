import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Demo } from '../../src/demo/demo.js';
import { loadLesson, loadLessons, type Lesson } from '../../src/demo/lesson-schema.js';
import type { LessonView } from '../../src/demo/messages.js';
import { lessonFolder, startDemo } from './demo-fixture.js';

const lessons = loadLessons(lessonFolder);

/** The lesson once all that its step waits for has come. */
function stepMet(demo: Demo): Promise<LessonView> {
  return new Promise((done) => {
    const look = () => {
      const view = demo.lesson?.view();
      if (view?.met !== true) return;
      stop();
      done(view);
    };
    const stop = demo.subscribe({ changed: (part) => { if (part === 'lesson') look(); }, replaced: () => {} });
    look();
  });
}

/** The lesson that the guide shows how to write. */
function lessonOfTheGuide(folder: string): Lesson {
  const [, text = ''] = /^```yaml wrong-pin\.yaml\n(.*?)^```$/ms.exec(readFileSync('docs/train-administrators.md', 'utf8')) ?? [];
  const file = join(folder, 'wrong-pin.yaml');
  writeFileSync(file, text.replace('examples/topologies', resolve('examples/topologies')));
  return loadLesson(file);
}

describe('The lessons in examples/, and the one of the guide', () => {
  let demo: Demo;
  const folder = mkdtempSync(join(tmpdir(), 'lessons-'));
  const all = [...lessons, lessonOfTheGuide(folder)];
  before(async () => { demo = await startDemo({ lessons: all }); });
  after(() => { rmSync(folder, { recursive: true }); });
  after(() => demo[Symbol.asyncDispose]());

  it('are the eight that the documentation speaks of', () => {
    assert.deepEqual(lessons.map(({ id }) => id), [
      '1-wildcard-story', '2-update-catch-22', '3-beta-reboot-loop', '4-pin-or-usb', '5-new-authority', '6-no-option-43', '7-exchange-on-another-ca', '8-tls-1.0-off',
    ]);
  });

  for (const { id, title, steps } of all) {
    it(`${title}: plays to its end, and each step brings what it says`, async () => {
      await demo.command({ type: 'lesson', id, action: 'start' });
      for (const [at, step] of steps.entries()) {
        const view = await stepMet(demo);
        assert.deepEqual([view.step, view.text, view.question?.text], [at, step.text, step.question?.text]);
        if (step.question !== undefined) {
          await assert.rejects(demo.command({ type: 'lesson', id, action: 'next' }), { code: 'demo/lesson-waits' });
          await demo.command({ type: 'answer', id, choice: step.question.right });
          assert.deepEqual(demo.lesson?.view().answered, { choice: step.question.right, right: true, because: step.question.because });
        }
        await demo.command({ type: 'lesson', id, action: 'next' });
      }
      assert.equal(demo.lesson?.view().done, true);
    }).timeout(120_000);
  }
});

describe('A lesson file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lessons-'));
  after(() => { rmSync(folder, { recursive: true }); });
  const refused = (text: string, expected: { code: string; message?: RegExp }) => {
    const file = join(folder, 'mine.yaml');
    writeFileSync(file, text);
    assert.throws(() => loadLesson(file), expected);
  };
  const head = `schema: 1\ntitle: t\ndescription: d\nlab: ${resolve('examples/topologies/contoso.yaml')}\nphones: [{ id: one, firmware: 4.0.7577.107 }]\n`;

  it('is told what is wrong in it', () => {
    refused(`${head}steps: [{ text: x, do: [{ power: two }] }]`, { code: 'lesson/unknown-phone', message: /steps\.0: there is no phone "two"; declared are one/ });
    refused(`${head}steps: [{ text: x, expect: [{ phone: one, state: dancing }] }]`, { code: 'lesson/invalid', message: /steps\.0\.expect\.0\.state/ });
    refused(`${head}steps: [{ text: x, expect: [{ phone: one, rule: certificate-refusd }] }]`, { code: 'lesson/invalid', message: /steps\.0\.expect\.0\.rule/ });
    refused(`${head}steps: [{ text: x, question: { text: y, choices: [a, b], right: 2, because: z } }]`, { code: 'lesson/no-such-choice' });
    refused(`${head}steps: []`, { code: 'lesson/invalid' });
    refused(`${head}steps: [`, { code: 'lesson/not-yaml' });
    assert.throws(() => loadLessons(join(folder, 'none')), { code: 'lesson/unreadable' });
  });
});
