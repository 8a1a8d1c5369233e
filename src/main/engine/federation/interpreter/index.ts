/** The resource interpreter: what federation has to know about kinds, built in or told by customizations. */
export { type Customizations, createCustomizations, InterpretError } from './customized.ts';
export type { Dependency } from './dependencies.ts';
export { builtIn, type Interpreter } from './interpreter.ts';
export { prune } from './prune.ts';
export { typedObject } from './typed.ts';
