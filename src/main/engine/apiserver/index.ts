/** Public face of the embedded API server. */

export { unknownPlugins } from './admission/index.ts';
export { parseTokenFile } from './auth/token-file.ts';
export type {
  AggregatedApi,
  AggregatedResource,
  AttachRequest,
  ExecRequest,
  LogRequest,
  ObjectProxy,
  ObjectProxyRequest,
  PodBackend,
  PortForwardRequest,
  ProcessExit,
  ProcessStreams,
  ProxiedConnection,
  ProxyRequest,
  ProxyResponse,
  TerminalSize,
} from './backend.ts';
export { type Chance, drawSuffix, drawUid } from './chance.ts';
export { unknownControllers } from './controllers/index.ts';
export { NAMESPACE_DELAY_MS } from './controllers/namespaces.ts';
export type { FrontDoor, Gate, PortState } from './http/door.ts';
export { defaultAutoscaler } from './kinds/autoscaling.ts';
export { cronProblem } from './kinds/cron.ts';
export { isTimeZone } from './kinds/time-zones.ts';
export { validateIngress } from './kinds/validation/ingress.ts';
export {
  label1035Name,
  labelName,
  labelValue,
  qualifiedName,
  validateAnnotations,
  validateLabels,
} from './kinds/validation/meta.ts';
export { validateBehavior, validateMetrics } from './kinds/validation/metrics.ts';
export { validateQuotaResourceName } from './kinds/validation/resource-names.ts';
export { partWithQuantitiesOf } from './openapi/quantities.ts';
export { canonicalValue } from './openapi/typed.ts';
export { jsonAnswer } from './request/types.ts';
export { parseLabelSelector } from './selectors/labels.ts';
export { startApiServer } from './start.ts';
export { badRequest, forbidden, invalid, refuse } from './status.ts';
export { since } from './table/cells.ts';
export type {
  AdmissionPlugin,
  AdmissionRequest,
  ApiServer,
  ApiServerOptions,
  AuditOptions,
  FieldError,
  KindDefinition,
  KindRegistry,
  TableColumn,
  UserInfo,
} from './types.ts';
