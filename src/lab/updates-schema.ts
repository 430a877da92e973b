import { z } from 'zod';

const version = z.string().regex(/^\d{1,5}(\.\d{1,5}){3}$/, 'expected four numbers, for instance 4.0.7577.4100');

/** What the update service of the web services has for which phones, as a topology declares it. */
export const updatesSchema = z.strictObject({
  rules: z.array(z.strictObject({
    model: z.string().regex(/^[\w-]{1,32}$/).describe('CX600'),
    approvedVersion: version.optional().describe('what every phone of the model gets that has another version, also an older one'),
    pendingVersion: version.optional().describe('what test devices get instead'),
  })).default([]),
  testDevices: z.array(z.string().regex(/^([0-9A-F]{2}-){5}[0-9A-F]{2}$/)).default([]).describe('MAC addresses, 00-04-F2-00-01-76'),
  store: z.enum(['http', 'https']).default('http').describe('how phones inside are to fetch the files'),
});
