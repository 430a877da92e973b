import { config } from 'zod';
import { protocolVersion, serverMessageSchema, socketPath, type ServerMessage } from '../messages.js';

// The page's Content-Security-Policy lets nothing be compiled from text, which zod otherwise does for speed. The build makes one file of this module
// and all that it imports (`copy-assets.mjs`).
config({ jitless: true });

/** The message, if it is one of ours; `hello` of another version is told apart so that the page can say so. */
export function readServerMessage(data: unknown): ServerMessage | 'other-version' | undefined {
  let value: unknown;
  try {
    value = JSON.parse(String(data));
  } catch {
    return undefined;
  }
  const parsed = serverMessageSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { type, version } = (value ?? {}) as { type?: unknown; version?: unknown };
  return type === 'hello' && version !== protocolVersion ? 'other-version' : undefined;
}

export { protocolVersion, socketPath };
