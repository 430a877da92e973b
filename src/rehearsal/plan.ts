import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDeclaration } from '../declaration-file.js';
import { Failure } from '../failure.js';
import { phoneModels, unknownModel } from '../firmware/models.js';
import { planSchema, type Expectation, type Plan, type PlanPhone } from './plan-schema.js';

/** The story that `npm start` tells: the wildcard certificate of February 2011. */
export const builtInPlanFile = fileURLToPath(new URL('../../examples/plans/wildcard-story.yaml', import.meta.url));

/**
 * Reads a plan and makes its targets' files absolute. Fails with `plan/unreadable`, `plan/not-yaml`, `plan/invalid`,
 * `plan/unknown-model` or `plan/idle-expectation`, naming the file, the path inside it and what was expected there.
 */
export function loadPlan(file: string): Plan {
  const plan = readDeclaration(file, planSchema, 'plan', 'rehearsal plan');
  for (const target of Object.values(plan.targets)) target.lab = resolve(dirname(file), target.lab);
  plan.phones.forEach(({ model }, index) => {
    if (model !== 'PC' && !phoneModels.has(model)) unknownModel(model, `The rehearsal plan ${file} is wrong at phones.${index}.model: `);
  });
  checkExpectations(file, plan);
  return plan;
}

/** An expectation that matches no cell is a mistake: nothing would ever hold it. */
function checkExpectations(file: string, plan: Plan): void {
  plan.expect.forEach((expectation, index) => {
    const targets = Object.keys(plan.targets);
    const idle = !plan.phones.some((phone) => targets.some((target) => matches(expectation, phone, target)));
    if (idle) {
      throw new Failure('plan/idle-expectation', `The rehearsal plan ${file} is wrong at expect.${index}: it matches none of the plan's phones and targets.`);
    }
  });
}

/** What the plan expects of one cell: the last matching entry, else that it signs in. */
export function expectationFor(plan: Plan, phone: PlanPhone, target: string): Omit<Expectation, 'phone' | 'target'> {
  const found = plan.expect.findLast((expectation) => matches(expectation, phone, target));
  if (found === undefined) return { outcome: 'signed-in' };
  const { phone: _phone, target: _target, ...expected } = found;
  return expected;
}

function matches(expectation: Expectation, phone: PlanPhone, target: string): boolean {
  return (expectation.target === undefined || expectation.target === target)
    && Object.entries(expectation.phone).every(([key, value]) => value === undefined || phone[key as keyof PlanPhone] === value);
}
