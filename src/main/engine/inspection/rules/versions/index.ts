/** Versions without support, and APIs that are removed or will be. */
import type { Rule } from '../../types.ts';
import { deprecatedApiInUse } from './deprecated-api-in-use.ts';
import { removedApiInManifest } from './removed-api-in-manifest.ts';
import { retiredIngressController } from './retired-ingress-controller.ts';
import { serverVersionUnsupported } from './server-version-unsupported.ts';

export const VERSION_RULES: readonly Rule[] = [
  serverVersionUnsupported,
  deprecatedApiInUse,
  removedApiInManifest,
  retiredIngressController,
];
