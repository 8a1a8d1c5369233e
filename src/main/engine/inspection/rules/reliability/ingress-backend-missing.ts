import { said } from '#shared/inspection-evidence.ts';
import type { Json } from '#shared/kubernetes/types.ts';
import { ingressRule } from '../families.ts';

export const ingressBackendMissing = ingressRule(
  'IngressBackendMissing',
  {
    severity: 'danger',
    zh: ['Ingress 的后端不存在', '对应路径返回 503。', '修正后端的 Service 名称与端口，或删除该规则。'],
    en: [
      'Backend of the Ingress is missing',
      'Its paths answer 503.',
      'Correct the name and port of the Service, or remove the rule.',
    ],
  },
  ({ spec, metadata }, world) => {
    const { namespace = '' } = metadata;
    const backends = [
      ...(spec?.defaultBackend === undefined ? [] : [{ field: 'spec.defaultBackend', ...spec.defaultBackend }]),
      ...((spec?.rules ?? []) as Json[]).flatMap((rule, r) =>
        ((rule.http?.paths ?? []) as Json[]).map((path, p) => ({
          field: `spec.rules[${r}].http.paths[${p}].backend`,
          ...path.backend,
        })),
      ),
    ];
    return backends.flatMap(({ field, service }) => {
      if (service?.name === undefined) return [];
      const found = world.find({ kind: 'Service', namespace, name: service.name });
      if (found === undefined) return [{ field, evidence: said('doesNotExist', { what: `Service ${service.name}` }) }];
      const { name, number } = service.port ?? {};
      const ports = (found.spec?.ports ?? []) as { name?: string; port?: number }[];
      const has = ports.some((port) => (name === undefined ? port.port === number : port.name === name));
      return has || found.spec?.type === 'ExternalName'
        ? []
        : [{ field, evidence: said('servicePortMissing', { name: service.name, port: name ?? number }) }];
    });
  },
);
