/** The services behind the contract, one per area. The engine implements them; nothing else does. */
import type { AccessService } from './access.ts';
import type { AuditService } from './audit.ts';
import type { ClustersService } from './clusters.ts';
import type { DemoService } from './demo.ts';
import type { DiagnosisService } from './diagnosis.ts';
import type { FederationPoliciesService } from './federation-policies.ts';
import type { PromotionService } from './federation-promotion.ts';
import type { FederationRunsService } from './federation-runs.ts';
import type { FederationsService } from './federations.ts';
import type { FleetsService } from './fleets.ts';
import type { InspectionService } from './inspection.ts';
import type { ResourcesService } from './resources.ts';
import type { SearchService } from './search.ts';
import type { StatisticsService } from './statistics.ts';
import type { SystemService } from './system.ts';
import type { ViewsService } from './views.ts';

export interface Services {
  system: SystemService;
  clusters: ClustersService;
  access: AccessService;
  fleets: FleetsService;
  federations: FederationsService;
  federationPolicies: FederationPoliciesService;
  promotion: PromotionService;
  federationRuns: FederationRunsService;
  inspection: InspectionService;
  resources: ResourcesService;
  views: ViewsService;
  search: SearchService;
  statistics: StatisticsService;
  audit: AuditService;
  demo: DemoService;
  diagnosis: DiagnosisService;
}
