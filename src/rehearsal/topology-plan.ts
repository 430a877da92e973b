import { basename } from 'node:path';
import type { ProfileStore } from '../firmware/loader.js';
import { planSchema, type Plan } from './plan-schema.js';

/** The plan that asks everything of a topology: every build that behaves in its own way, by PIN and USB-tethered, and the Windows client. */
export function topologyPlan(file: string, profiles: ProfileStore): Plan {
  const phones = profiles.behaviours().flatMap((firmware) => {
    if (profiles.get(firmware).profile.kind === 'pc') return [{ model: 'PC', firmware, signIn: 'typed' }];
    return ['pin', 'tethered'].map((signIn) => ({ model: 'CX600', firmware, signIn }));
  });
  return planSchema.parse({ schema: 1, name: basename(file), targets: { [basename(file)]: { lab: file } }, phones });
}
