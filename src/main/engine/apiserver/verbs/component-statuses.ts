/**
 * How the parts of a control plane are, as the server finds them when it is asked. Where something runs pods they all work;
 * a bare server has its storage and reaches nobody else. Source: API reference, core/v1 ComponentStatus.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { AggregatedResource } from '../backend.ts';

const PORTS: Readonly<Record<string, number>> = { scheduler: 10259, 'controller-manager': 10257 };

export function componentStatuses(isWhole: boolean): AggregatedResource {
  const of = (name: string): KubeObject | undefined => {
    const port = PORTS[name];
    if (port === undefined && name !== 'etcd-0') return undefined;
    const address = `127.0.0.1:${port}`;
    const message =
      port === undefined || isWhole
        ? 'ok'
        : `Get "https://${address}/healthz": dial tcp ${address}: connect: connection refused`;
    const status = message === 'ok' ? 'True' : 'False';
    const metadata: KubeObject['metadata'] = { name };
    return {
      apiVersion: 'v1',
      kind: 'ComponentStatus',
      metadata,
      conditions: [{ type: 'Healthy', status, message }],
    };
  };
  return {
    resource: 'componentstatuses',
    singular: 'componentstatus',
    kind: 'ComponentStatus',
    namespaced: false,
    get: (_namespace, name) => of(name),
    list: () => [...Object.keys(PORTS), 'etcd-0'].map((name) => of(name)!),
  };
}
