/** Public face of the embedded API server. */
export { startApiServer } from './start.ts';
export { badRequest, forbidden, invalid, refuse } from './status.ts';
export type {
  AdmissionPlugin,
  AdmissionRequest,
  ApiServer,
  ApiServerOptions,
  FieldError,
  KindDefinition,
  KindRegistry,
  UserInfo,
} from './types.ts';
