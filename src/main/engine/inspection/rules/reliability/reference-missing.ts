import { said } from '#shared/inspection-evidence.ts';
import { SERVER_VERSION } from '../../sources.ts';
import { steadyPodRule } from '../families.ts';
import { referencesOf } from '../references.ts';

export const referenceMissing = steadyPodRule(
  'ReferenceMissing',
  {
    severity: 'danger',
    type: 'configuration',
    needs: ['secrets', 'configmaps', 'serviceaccounts', 'persistentvolumeclaims', SERVER_VERSION],
    references: ['https://kubernetes.io/docs/concepts/configuration/'],
    zh: [
      '引用的对象不存在',
      '新的 Pod 无法启动；已在运行的 Pod 在下一次重建后也会停住。',
      '创建该对象，或改正引用的名称；确实可有可无的引用标为 optional。',
    ],
    en: [
      'Refers to what is not there',
      'New pods do not start, and those that run are stuck after the next time they are made.',
      'Create the object or correct its name; mark a reference optional where it may be missing.',
    ],
  },
  (pod, world) => {
    // Manifests may be a part of what there is.
    if (world.version === null) return [];
    const namespace = pod.object.metadata.namespace ?? '';
    const missing = new Map(
      referencesOf(pod)
        .filter(({ optional, kind, name }) => !optional && world.find({ kind, namespace, name }) === undefined)
        .map(({ kind, name, field }) => [`${kind} ${name}`, field]),
    );
    return [...missing].map(([what, field]) => ({
      field: `${pod.path}.${field}`,
      evidence: said('doesNotExist', { what }),
    }));
  },
);
