import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkDeclaration, readDeclaration } from '../declaration-file.js';
import { Failure } from '../failure.js';
import { phoneModels, unknownModel } from '../firmware/models.js';
import { rules } from '../phone/stage-failure.js';
import { catalogue } from './diagnosis/catalogue.js';
import { planSchema, type Expectation, type Plan, type PlanInput, type PlanPhone } from './plan-schema.js';
import type { PlannedCell } from './planned-cells.js';

/** The story that `npm start` tells: the wildcard certificate of February 2011. */
export const builtInPlanFile = fileURLToPath(new URL('../../examples/plans/wildcard-story.yaml', import.meta.url));

/**
 * Reads a plan and makes its targets' files absolute. Fails with `plan/unreadable`, `plan/not-yaml`, `plan/invalid`,
 * `plan/unknown-model`, `plan/unknown-rule` or `plan/idle-expectation`, naming the file, the path inside it and what was expected there.
 */
export function loadPlan(file: string): Plan {
  return checked(readDeclaration(file, planSchema, 'plan', 'rehearsal plan'), file, dirname(file));
}

/** A plan made in code, in the shape of the file; what it names is relative to the working directory. Fails as `loadPlan` does. */
export function definePlan(plan: PlanInput): Plan {
  const name = `"${plan.name}"`;
  return checked(checkDeclaration(plan, name, planSchema, 'plan', 'rehearsal plan'), name, process.cwd());
}

/** @param file the plan's name in sentences */
function checked(plan: Plan, file: string, folder: string): Plan {
  const absolute = (path: string) => resolve(folder, path);
  for (const target of Object.values(plan.targets)) {
    if (target.lab !== undefined) target.lab = absolute(target.lab);
    if (target.live === undefined) continue;
    target.live.directoryRoots = target.live.directoryRoots.map(absolute);
    target.live.publicRoots = target.live.publicRoots.map(absolute);
  }
  for (const phone of plan.phones) if (phone.memory !== undefined) phone.memory = absolute(phone.memory);
  for (const { pin, password } of Object.values(plan.accounts)) for (const secret of [pin, password]) if (secret !== undefined && 'file' in secret) secret.file = absolute(secret.file);
  plan.phones.forEach(({ model }, index) => {
    if (model !== 'PC' && !phoneModels.has(model)) unknownModel(model, `The rehearsal plan ${file} is wrong at phones.${index}.model: `);
  });
  checkExpectations(file, plan);
  return plan;
}

/** What `rule` of an expectation can be. */
const ruleNames = new Set<string>([...rules, ...catalogue.map(({ id }) => id)]);

/** An expectation that matches no cell, or names a rule that nothing is told by, is a mistake: nothing would ever hold it. */
function checkExpectations(file: string, plan: Plan): void {
  plan.expect.forEach((expectation, index) => {
    if (expectation.rule !== undefined && !ruleNames.has(expectation.rule)) {
      throw new Failure('plan/unknown-rule', `The rehearsal plan ${file} is wrong at expect.${index}.rule: there is no rule "${expectation.rule}".`);
    }
    const [targets, accounts] = [Object.keys(plan.targets), Object.keys(plan.accounts)];
    // Without accounts in the plan, only the lab knows who signs in.
    const known = accounts.length === 0 ? [expectation.account ?? ''] : accounts;
    const idle = !plan.phones.some((phone) => targets.some((target) => known.some((account) => matches(expectation, { phone, account, target }))));
    if (idle) {
      throw new Failure('plan/idle-expectation', `The rehearsal plan ${file} is wrong at expect.${index}: it matches none of the plan's phones, accounts and targets.`);
    }
  });
}

/** What the plan expects of one cell: the last matching entry, else that it signs in. */
export function expectationFor(plan: Plan, cell: PlannedCell): Omit<Expectation, keyof PlannedCell> {
  const found = plan.expect.findLast((expectation) => matches(expectation, cell));
  if (found === undefined) return { outcome: 'signed-in' };
  const { phone: _phone, account: _account, target: _target, ...expected } = found;
  return expected;
}

function matches(expectation: Expectation, { phone, account, target }: PlannedCell): boolean {
  return (expectation.account === undefined || expectation.account === account)
    && (expectation.target === undefined || expectation.target === target)
    && Object.entries(expectation.phone).every(([key, value]) => value === undefined || phone[key as keyof PlanPhone] === value);
}
