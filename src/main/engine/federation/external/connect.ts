/** A connection to a control plane by a kubeconfig that a person gave. */
import { AppError } from '#shared/errors.ts';
import { type ClusterIdentity, createHttpsTransport, createKubeClient, type KubeClient } from '../../kube/index.ts';
import { contextOf, type Kubeconfig, type KubeconfigEntry, parseKubeconfig } from '../../kubeconfig/index.ts';

export interface ExternalConnection {
  client: KubeClient;
  context: string;
  contexts: string[];
  identity: ClusterIdentity;
  close(): Promise<void>;
}

/** Dials nothing yet. Throws the kubeconfig's own problem; sign-in commands are refused: nobody has approved them. */
export async function connectExternal(text: string, wanted: string | undefined): Promise<ExternalConnection> {
  const kubeconfig = await parseKubeconfig(text, '');
  const entry = entryOf(kubeconfig, wanted);
  if (entry.exec !== null)
    throw new AppError('EXEC_NOT_APPROVED', `context ${entry.context} runs ${entry.exec.command}`, {
      params: { command: entry.exec.command },
      hint: 'hints.externalExec',
    });
  const identity = entry.identity();
  const transport = createHttpsTransport({ server: identity.server, identity: async () => identity });
  return {
    client: createKubeClient(transport),
    context: entry.context,
    identity,
    contexts: kubeconfig.entries.map(({ context }) => context),
    close: () => transport.close(),
  };
}

function entryOf(kubeconfig: Kubeconfig, wanted: string | undefined): KubeconfigEntry {
  const context = wanted ?? kubeconfig.currentContext ?? kubeconfig.entries[0]?.context ?? '';
  return contextOf(kubeconfig, context);
}
