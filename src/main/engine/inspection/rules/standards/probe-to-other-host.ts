import { inEveryContainer } from '../containers.ts';
import { baselineRule } from '../families.ts';

export const probeToOtherHost = baselineRule(
  'ProbeToOtherHost',
  {
    zh: [
      '探针或钩子指向其他主机',
      'kubelet 会以节点的网络身份访问该地址，可被用来探测或触达内部服务。',
      '去掉 host 字段，探针只访问 Pod 自身。',
    ],
    en: [
      'Probe or hook reaches another host',
      'The kubelet calls that address with the network of the node: a way to probe and reach internal services.',
      'Remove the host field; a probe asks its own pod.',
    ],
  },
  inEveryContainer((container) => {
    for (const part of ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle.postStart', 'lifecycle.preStop'])
      for (const action of ['httpGet', 'tcpSocket']) {
        const [first = '', second] = part.split('.');
        const place = second === undefined ? container[first] : container[first]?.[second];
        const host = place?.[action]?.host;
        if (host) return { field: `${part}.${action}.host`, evidence: `host: ${host}`, fix: {} };
      }
    return null;
  }),
);
