import { z } from 'zod';
import { lessonSchema } from '../demo/lesson-schema.js';
import { labFileSchema } from '../lab/lab-summary.js';
import { topologySchema } from '../lab/topology-schema.js';
import { certificateReportSchema } from '../rehearsal/certificate-check.js';
import { comparisonSchema } from '../rehearsal/compare.js';
import { planSchema } from '../rehearsal/plan-schema.js';
import { reportSchema } from '../rehearsal/report.js';
import { discoveryReportSchema } from '../rehearsal/survey/discovery-report.js';
import { probeReportSchema } from '../rehearsal/survey/probe-report.js';

/** The JSON Schemas (2020-12) of what people write and of what commands write, by name; shipped as `examples/schemas/NAME.schema.json`. */
export function jsonSchemas(): Record<string, object> {
  return {
    plan: { title: 'Rehearsal plan', ...z.toJSONSchema(planSchema, { io: 'input' }) },
    topology: { title: 'Topology of a lab', ...z.toJSONSchema(topologySchema, { io: 'input' }) },
    lesson: { title: 'Lesson of the training page', ...z.toJSONSchema(lessonSchema, { io: 'input' }) },
    'rehearsal-report': { title: 'What lpe rehearse --json writes', ...z.toJSONSchema(reportSchema) },
    comparison: { title: 'What lpe compare --json prints', ...z.toJSONSchema(comparisonSchema) },
    'check-report': { title: 'What lpe check --json prints', ...z.toJSONSchema(certificateReportSchema) },
    'discovery-report': { title: 'What lpe discover --json prints', ...z.toJSONSchema(discoveryReportSchema) },
    'probe-report': { title: 'What lpe probe --json prints', ...z.toJSONSchema(probeReportSchema) },
    lab: { title: 'What lpe lab --json writes', ...z.toJSONSchema(labFileSchema) },
  };
}
