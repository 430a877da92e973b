import { z } from 'zod';
import { profileFileSchema } from './schema.js';

/** The JSON Schema (2020-12) of one profile file, for editors; shipped as `firmware-profiles/profile.schema.json`. */
export function profileJsonSchema(): object {
  return { ...z.toJSONSchema(profileFileSchema, { io: 'input' }), title: 'Firmware profile of lync-phone-emulator' };
}
