import type { LoadedProfile, ProfileStore } from '../firmware/loader.js';
import { onModel, runsOn } from '../firmware/models.js';

/** The builds that a phone of a model can run: every phone build there is a profile of. What is no such build is undefined. */
export function phoneBuilds(profiles: ProfileStore, model: string): (build: string) => LoadedProfile | undefined {
  return (build) => {
    const loaded = profiles.builds().includes(build) ? profiles.get(build) : undefined;
    return loaded?.profile.kind === 'phone' && runsOn(loaded, model) ? onModel(loaded, model) : undefined;
  };
}
