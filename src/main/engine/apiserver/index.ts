/** Public face of the embedded API server. */
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
export { unknownControllers } from './controllers/index.ts';
export type { FrontDoor, Gate, PortState } from './http/door.ts';
export { jsonAnswer } from './request/types.ts';
export { parseLabelSelector } from './selectors/labels.ts';
export { startApiServer } from './start.ts';
export { badRequest, forbidden, invalid, refuse } from './status.ts';
export type {
  AdmissionPlugin,
  AdmissionRequest,
  ApiServer,
  ApiServerOptions,
  AuditOptions,
  FieldError,
  KindDefinition,
  KindRegistry,
  UserInfo,
} from './types.ts';
