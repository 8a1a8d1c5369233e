import { said } from '#shared/inspection-evidence.ts';
import { versionRule } from '../families.ts';
import { minorOf } from '../nodes.ts';
import { endOfSupport } from './support.ts';

export const serverVersionUnsupported = versionRule(
  'ServerVersionUnsupported',
  {
    zh: [
      'Kubernetes 版本已停止支持',
      '不再有安全修复；云厂商可能强制升级。',
      '按次版本逐个升级到受支持的版本；升级前先处理已弃用的 API。',
    ],
    en: [
      'Kubernetes version without support',
      'There are no security fixes any more; a provider may upgrade it by force.',
      'Upgrade one minor version after the other to a supported one; see to deprecated APIs first.',
    ],
  },
  ({ version, now, cluster }) => {
    const minor = minorOf(version);
    const end = minor === null ? undefined : endOfSupport(minor);
    if (end === undefined || Date.parse(end) > now) return [];
    return [
      {
        about: { namespace: '', kind: 'Cluster', name: cluster },
        field: 'version',
        evidence: said('supportEnded', { version: version ?? '', time: end }),
      },
    ];
  },
);
