/** KindDefinitions of the served versions of a custom resource definition. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { ALL_VERBS } from '../kinds/define.ts';
import { subdomainName, validateMeta } from '../kinds/validation/meta.ts';
import type { KindDefinition } from '../types.ts';

export function customKinds(crd: KubeObject): KindDefinition[] {
  const { group, names, scope, versions } = crd.spec;
  const namespaced = scope === 'Namespaced';
  return versions
    .filter((version: Json) => version.served)
    .map((version: Json): KindDefinition => {
      const subresources = [];
      if (version.subresources?.status) subresources.push('status');
      if (version.subresources?.scale) subresources.push('scale');
      return {
        group,
        version: version.name,
        resource: names.plural,
        kind: names.kind,
        singular: names.singular || names.kind.toLowerCase(),
        namespaced,
        verbs: ALL_VERBS,
        shortNames: names.shortNames ?? [],
        categories: names.categories ?? [],
        subresources,
        listKind: names.listKind || `${names.kind}List`,
        generation: 'spec',
        hasStatus: version.subresources?.status !== undefined,
        validate: (object, old) => validateMeta(object, old, namespaced, subdomainName),
      };
    });
}
