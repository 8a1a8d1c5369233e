/** Custom resource definitions: what they may say, the kinds they make, their schemas at work. */
export { defaultDefinition, prepareDefinition, validateDefinition } from './definition.ts';
export { readEmbedded, unknownEmbedded } from './embedded.ts';
export { plainFields, selectPath } from './jsonpath.ts';
export { customKinds } from './kinds.ts';
export { applyDefaults, type CustomSchema, prune, unknownPaths } from './structural.ts';
export { validateSchema } from './validate.ts';
