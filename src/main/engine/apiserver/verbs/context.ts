/** What every verb is given: the server, the kind addressed, the caller and what the request says. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { Core } from '../core.ts';
import type { AcceptedView } from '../request/accept.ts';
import type { ResourceRoute } from '../request/route.ts';
import type { ApiRequest } from '../request/types.ts';
import type { IncludeObject } from '../table/index.ts';
import type { KindDefinition, UserInfo } from '../types.ts';

export interface VerbContext {
  core: Core;
  kind: KindDefinition;
  route: ResourceRoute;
  request: ApiRequest;
  user: UserInfo;
  accept: AcceptedView;
  include: IncludeObject;
  /** Texts for Warning headers. */
  warnings: string[];
  /** Annotations of the audit event. */
  annotations: Record<string, string>;
  /** Tells the audit event what was sent, once it is read; absent where nobody writes it down. */
  heard?: ((object: KubeObject, kind?: KindDefinition) => void) | undefined;
  /** Tells it that what was sent is a patch. */
  patched?: (() => void) | undefined;
}
