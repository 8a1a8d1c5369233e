/** The one cluster that `--kubeconfig` and `--context` name, without an engine: for commands that only look at it. */
import path from 'node:path';
import type { KubeClient } from '../engine/kube/index.ts';
import type { Call, Command } from './command.ts';

export const clusterOptions: Command['options'] = {
  kubeconfig: { type: 'string', value: 'FILE', text: 'host.cli.option.kubeconfig' },
  context: { type: 'string', value: 'CONTEXT', text: 'host.cli.option.context' },
  'approve-exec': { type: 'string', value: 'HASH', text: 'host.cli.option.approveExec' },
};

/** Connections end when `use` does. `name` is that of the context. */
export async function withCluster<T>(
  { options }: Call,
  file: string,
  use: (client: KubeClient, name: string) => Promise<T>,
): Promise<T> {
  const [kube, { contextOf, readKubeconfigFile }] = await Promise.all([
    import('../engine/kube/index.ts'),
    import('../engine/kubeconfig/index.ts'),
  ]);
  const config = await readKubeconfigFile(path.resolve(file));
  const entry = contextOf(config, options.text('context') ?? config.currentContext ?? '');
  const identity = entry.identity();
  const transport = kube.createHttpsTransport({
    server: entry.server,
    identity: async () => identity,
    approvedExec: () => options.text('approve-exec') ?? null,
  });
  try {
    await transport.prepare();
    return await use(kube.createKubeClient(transport), entry.context);
  } finally {
    await transport.close();
  }
}
