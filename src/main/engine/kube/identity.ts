/** One identity on one API server, as a kubeconfig context describes it. Plain data; holds secrets, so it never leaves the engine. */
import { createHash } from 'node:crypto';

/** `user.exec` of a kubeconfig (client.authentication.k8s.io). */
export interface ExecSpec {
  apiVersion: string;
  command: string;
  args: string[];
  env: { name: string; value: string }[];
  installHint?: string;
  provideClusterInfo: boolean;
  interactiveMode: 'Never' | 'IfAvailable' | 'Always';
  /** `clusters[].cluster.extensions[name=client.authentication.k8s.io/exec].extension`, handed to the plugin. */
  clusterConfig?: unknown;
}

export interface ClusterIdentity {
  server: string;
  tlsServerName?: string;
  insecureSkipTlsVerify: boolean;
  /** PEM in clear; *File are absolute paths read again when they change. Data wins over file, as in client-go. */
  caData?: string;
  caFile?: string;
  proxyUrl?: string;
  disableCompression: boolean;
  certData?: string;
  certFile?: string;
  keyData?: string;
  keyFile?: string;
  token?: string;
  /** The token is one of OpenID Connect, which kubectl renews in the file. */
  oidc?: boolean;
  tokenFile?: string;
  username?: string;
  password?: string;
  impersonate?: { user?: string; uid?: string; groups: string[]; extra: Record<string, string[]> };
  exec?: ExecSpec;
  /** Folder that a relative exec command is resolved against. */
  baseDir: string;
}

/** What a person approves: exactly this command with these arguments and this environment. */
export function execHash(exec: Pick<ExecSpec, 'command' | 'args' | 'env'>): string {
  const canonical = JSON.stringify([exec.command, exec.args, exec.env.map(({ name, value }) => [name, value])]);
  return createHash('sha256').update(canonical).digest('hex');
}
