/** The one contract: every area's router, put together. Hosts serve it; the renderer and the command line call it. */
import { accessRouter } from './access.ts';
import { auditRouter } from './audit.ts';
import { router } from './base.ts';
import { clustersRouter } from './clusters.ts';
import { demoRouter } from './demo.ts';
import { diagnosisRouter } from './diagnosis.ts';
import { federationPoliciesRouter } from './federation-policies.ts';
import { promotionRouter } from './federation-promotion.ts';
import { federationRunsRouter } from './federation-runs.ts';
import { federationsRouter } from './federations.ts';
import { fleetsRouter } from './fleets.ts';
import { inspectionRouter } from './inspection.ts';
import { resourcesRouter } from './resources.ts';
import { searchRouter } from './search.ts';
import { statisticsRouter } from './statistics.ts';
import { systemRouter } from './system.ts';
import { viewsRouter } from './views.ts';

export const appRouter = router({
  system: systemRouter,
  clusters: clustersRouter,
  access: accessRouter,
  fleets: fleetsRouter,
  federations: federationsRouter,
  federationPolicies: federationPoliciesRouter,
  promotion: promotionRouter,
  federationRuns: federationRunsRouter,
  inspection: inspectionRouter,
  resources: resourcesRouter,
  views: viewsRouter,
  search: searchRouter,
  statistics: statisticsRouter,
  audit: auditRouter,
  demo: demoRouter,
  diagnosis: diagnosisRouter,
});
export type AppRouter = typeof appRouter;
