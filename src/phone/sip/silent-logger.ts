import { LoggerFactory } from 'sip.js/lib/core/index.js';

/** For sip.js, which would write to the console: the trace says what happens. */
export const silentLogger = new LoggerFactory();
silentLogger.builtinEnabled = false;
