/** What is left over or leads nowhere. */
import type { Rule } from '../../types.ts';
import { duplicateEnvironment } from './duplicate-environment.ts';
import { finishedJobKept } from './finished-job-kept.ts';
import { releasedVolume } from './released-volume.ts';
import { scaledToNothing } from './scaled-to-nothing.ts';
import { taintNobodyTolerates } from './taint-nobody-tolerates.ts';
import { unusedClaim } from './unused-claim.ts';
import { unusedConfigMap } from './unused-config-map.ts';
import { unusedSecret } from './unused-secret.ts';
import { unusedServiceAccount } from './unused-service-account.ts';

export const HYGIENE_RULES: readonly Rule[] = [
  unusedConfigMap,
  unusedSecret,
  unusedClaim,
  releasedVolume,
  scaledToNothing,
  duplicateEnvironment,
  finishedJobKept,
  unusedServiceAccount,
  taintNobodyTolerates,
];
