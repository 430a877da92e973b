import { z } from 'zod';

/** A document or report that profiles and observations cite by its id. */
const sourceSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  title: z.string(),
  url: z.url().optional(),
  /** When it was published or last changed, as precisely as known: `2011-02-12`, `2013`. */
  date: z.string().regex(/^\d{4}(-\d\d(-\d\d)?)?$/).optional(),
});
export type EvidenceSource = z.output<typeof sourceSchema>;

/** `evidence/sources.yaml` of a profile folder. */
export const sourcesSchema = z.array(sourceSchema);
