import { said } from '#shared/inspection-evidence.ts';
import { leftoverRule } from '../families.ts';

export const unusedServiceAccount = leftoverRule('ServiceAccount', 'serviceaccounts')(
  'UnusedServiceAccount',
  {
    needs: [
      'serviceaccounts',
      'rolebindings.rbac.authorization.k8s.io',
      'clusterrolebindings.rbac.authorization.k8s.io',
    ],
    zh: ['ServiceAccount 没有被使用', '无人使用的身份仍可签发令牌。', '确认集群外没有程序使用它的令牌后删除。'],
    en: [
      'ServiceAccount is not used',
      'Tokens can still be issued for an identity that nobody uses.',
      'Delete it once it is sure that no program outside the cluster uses a token of it.',
    ],
  },
  ({ metadata }, world) => {
    const { name = '', namespace = '', ownerReferences = [] } = metadata;
    // The first is in every namespace; those of the system are used by its controllers.
    if (name === 'default' || namespace.startsWith('kube-') || ownerReferences.length > 0) return [];
    const runs = world.pods.some(
      ({ object, spec }) =>
        (object.metadata.namespace ?? '') === namespace && (spec.serviceAccountName ?? spec.serviceAccount) === name,
    );
    if (runs || world.rolesOf(`ServiceAccount ${namespace}/${name}`).length > 0) return [];
    return [{ field: 'metadata.name', evidence: said('runsAsNobody') }];
  },
);
