/**
 * Where the command line begins: compiled code of earlier starts is used again, kept beside the program where that can be
 * written. Has to come before anything else is loaded.
 */
import { enableCompileCache } from 'node:module';
import path from 'node:path';

enableCompileCache(path.join(import.meta.dirname, '.compile-cache'));
await import('./main.ts');
