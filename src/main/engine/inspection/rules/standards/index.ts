/** Pod Security Standards (baseline and restricted), beyond what the manual has. Source: k8s.io/pod-security-admission. */
import type { Rule } from '../../types.ts';
import { appArmorUnconfined } from './app-armor-unconfined.ts';
import { baselineCapabilities } from './baseline-capabilities.ts';
import { capabilitiesNotDropped } from './capabilities-not-dropped.ts';
import { hostPathVolume } from './host-path-volume.ts';
import { probeToOtherHost } from './probe-to-other-host.ts';
import { procMountUnmasked } from './proc-mount-unmasked.ts';
import { restrictedVolumeTypes } from './restricted-volume-types.ts';
import { runAsNonRootNotSaid } from './run-as-non-root-not-said.ts';
import { seccompNotSet } from './seccomp-not-set.ts';
import { seccompUnconfined } from './seccomp-unconfined.ts';
import { selinuxCustom } from './selinux-custom.ts';
import { unsafeSysctls } from './unsafe-sysctls.ts';
import { windowsHostProcess } from './windows-host-process.ts';

export const STANDARD_RULES: readonly Rule[] = [
  baselineCapabilities,
  hostPathVolume,
  procMountUnmasked,
  seccompUnconfined,
  appArmorUnconfined,
  selinuxCustom,
  windowsHostProcess,
  unsafeSysctls,
  probeToOtherHost,
  restrictedVolumeTypes,
  seccompNotSet,
  capabilitiesNotDropped,
  runAsNonRootNotSaid,
];
