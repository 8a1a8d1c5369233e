/**
 * Where the command line begins: compiled code of earlier starts is used again, kept beside the program where that can be
 * written. Has to come before anything else is loaded. A Node that is too old for it starts as it always did.
 */
import * as modules from 'node:module';
import { fileURLToPath } from 'node:url';

modules.enableCompileCache?.(fileURLToPath(new URL('.compile-cache', import.meta.url)));
await import('./main.ts');
