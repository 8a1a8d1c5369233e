/** Public face of inspection: rules over the objects of a cluster. */
export { type Collection, collect } from './collect.ts';
export { DEFAULT_EXEMPTIONS, type Exemption, exemptionOf } from './exempt.ts';
export { compareFindings, emptyTally, inspect, inspectWorld, type Tally } from './inspect.ts';
export { newestTime, readManifests } from './manifests.ts';
export { chooseRules, RULES } from './rules/index.ts';
export { type Score, scoreOf } from './score.ts';
export { type Finding, RULE_SETS, RULE_TYPES, type Rule, SEVERITIES, type Severity } from './types.ts';
export { type Certificate, createWorld, type World } from './world.ts';
