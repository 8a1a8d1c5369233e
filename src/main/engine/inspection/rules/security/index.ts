/** Rights, credentials, volumes and exposure beyond the standards for pods. */
import type { Rule } from '../../types.ts';
import { adminBound } from './admin-bound.ts';
import { boundToEveryone } from './bound-to-everyone.ts';
import { canChangeAdmission } from './can-change-admission.ts';
import { canEscalateRights } from './can-escalate-rights.ts';
import { canExecInPods } from './can-exec-in-pods.ts';
import { canProxyNodes } from './can-proxy-nodes.ts';
import { canReadSecrets } from './can-read-secrets.ts';
import { certificateChainBroken } from './certificate-chain-broken.ts';
import { controlPlaneArguments } from './control-plane-arguments.ts';
import { credentialInEnvironment } from './credential-in-environment.ts';
import { defaultNamespaceUsed } from './default-namespace-used.ts';
import { ingressSnippet } from './ingress-snippet.ts';
import { ingressWithoutTls } from './ingress-without-tls.ts';
import { noNetworkPolicy } from './no-network-policy.ts';
import { podSecurityNotEnforced } from './pod-security-not-enforced.ts';
import { runtimeSocketMounted } from './runtime-socket-mounted.ts';
import { serviceAccountTokenMounted } from './service-account-token-mounted.ts';
import { serviceExternalIPs } from './service-external-ips.ts';
import { serviceNodePort } from './service-node-port.ts';
import { wildcardRole } from './wildcard-role.ts';

export const SECURITY_RULES: readonly Rule[] = [
  runtimeSocketMounted,
  serviceAccountTokenMounted,
  credentialInEnvironment,
  defaultNamespaceUsed,
  canExecInPods,
  canReadSecrets,
  canEscalateRights,
  canProxyNodes,
  canChangeAdmission,
  wildcardRole,
  adminBound,
  boundToEveryone,
  noNetworkPolicy,
  ingressWithoutTls,
  ingressSnippet,
  serviceExternalIPs,
  serviceNodePort,
  podSecurityNotEnforced,
  controlPlaneArguments,
  certificateChainBroken,
];
