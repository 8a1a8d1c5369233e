/** Public face of diagnosis: why one object does not work, and what is unhealthy over all clusters. */
export { CAUSES, causeOf } from './causes/index.ts';
export { judge } from './diagnose.ts';
export { exportReport, objectText } from './export.ts';
export { gather, gatherCluster } from './gather.ts';
export { unhealthy } from './health.ts';
export { diagnose } from './run.ts';
export { createDiagnosis, type DiagnosisDeps, summaryOf } from './service.ts';
export type { Cause } from './types.ts';
