/** Public face of inspection: rules over the objects of a cluster. */

export type { Certificate } from './certificates.ts';
export { type Missing, readCluster } from './collect.ts';
export { DEFAULT_EXEMPTIONS, type Exemption, exemptionOf } from './exempt.ts';
export { exportReport } from './export/index.ts';
export { addTally, compareFindings, emptyTally, inspect, inspectWorld } from './inspect.ts';
export { newestTime, readManifests } from './manifests.ts';
export { singleReport } from './report/single.ts';
export { chooseRules, RULES } from './rules/index.ts';
export { scoreOf } from './score.ts';
export { createInspection, type Inspection, type InspectionDeps } from './service/service.ts';
export { type Finding, RULE_SETS, RULE_TYPES, type Rule, SEVERITIES, type Severity } from './types.ts';
export { createWorld, type World } from './world.ts';
