/** A look at what stands behind a kubeconfig, for a person who thinks of making a federation of it. Changes nothing. */
import type { ExternalInspection } from '#shared/contract/federation-control.ts';
import type { FederationsService } from '#shared/contract/federations.ts';
import { toErrorShape } from '#shared/errors.ts';
import { CLUSTERS } from '../api.ts';
import { connectExternal } from '../external/connect.ts';
import { inspectControlPlane } from '../external/inspect.ts';

/** Throws only for a kubeconfig that cannot be read; what cannot be reached, or is no Karmada, is told. */
export async function inspectExternal({
  kubeconfig,
  context,
}: Parameters<FederationsService['inspectExternal']>[0]): Promise<ExternalInspection> {
  const connection = await connectExternal(kubeconfig, context);
  const known = { contexts: connection.contexts, context: connection.context };
  try {
    const controlPlane = await inspectControlPlane(connection.client, connection.context);
    const { items } = await connection.client.list(CLUSTERS, { metadataOnly: true });
    const members = items.map(({ metadata }) => metadata.name ?? '').sort();
    return { ...known, controlPlane, problem: null, members };
  } catch (error) {
    return { ...known, controlPlane: null, problem: toErrorShape(error), members: [] };
  } finally {
    await connection.close();
  }
}
