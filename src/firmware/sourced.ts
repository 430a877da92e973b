import { z } from 'zod';

/** How well a fact about the device is known, best first. */
export const confidences = ['documented', 'observed', 'inferred', 'assumed'] as const;
/** How well a fact about the device is known. */
export type Confidence = (typeof confidences)[number];

/** Where a fact comes from and how far it can be trusted. */
export interface Provenance {
  confidence: Confidence;
  /** Ids of `firmware-profiles/evidence/sources.yaml`. Empty only for `assumed` values. */
  evidence: readonly string[];
  /** Sources disagree; `note` says how. */
  disputed?: boolean | undefined;
  note?: string | undefined;
}

/** A behavioural value of a profile, together with where it comes from. */
export type Sourced<T> = Provenance & { value: T };

/** The schema of a `Sourced` value around the schema of the value itself. */
export function sourced<T extends z.ZodType>(value: T) {
  return z.strictObject({
    value,
    confidence: z.enum(confidences),
    evidence: z.array(z.string()).default([]),
    disputed: z.boolean().optional(),
    note: z.string().optional(),
  }).refine(({ confidence, evidence }) => confidence === 'assumed' || evidence.length > 0, {
    path: ['evidence'], message: 'expected at least one source: only an assumed value may have none',
  });
}

/** The weakest confidence of the given ones; `documented` when there are none. */
export function weakest(all: Iterable<Confidence>): Confidence {
  let index = 0;
  for (const confidence of all) index = Math.max(index, confidences.indexOf(confidence));
  return confidences[index] as Confidence;
}
