/**
 * Who may approve and sign certificates, and what no signer may hand out. Source: Kubernetes documentation, "Certificates
 * and Certificate Signing Requests"; admission plugins CertificateApproval, CertificateSigning, CertificateSubjectRestriction.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import type { Authorizer } from '../auth/authorize.ts';
import { readCsr } from '../auth/csr.ts';
import { timestamp } from '../core.ts';
import { equalJson } from '../json.ts';
import { forbidden } from '../status.ts';
import type { AdmissionPlugin, AdmissionRequest, UserInfo } from '../types.ts';

const GROUP = 'certificates.k8s.io';
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';

export function certificatePlugins(authorizer: Authorizer): AdmissionPlugin[] {
  const on =
    (operation: AdmissionRequest['operation'], subresource: string): AdmissionPlugin['matches'] =>
    (kind, asked, at) =>
      kind.group === GROUP &&
      kind.resource === 'certificatesigningrequests' &&
      asked === operation &&
      at === subresource;
  return [
    {
      name: 'CertificateApproval',
      matches: on('UPDATE', 'approval'),
      validate: ({ kind, name, old, user }) => {
        const signer = String(old!.spec?.signerName ?? '');
        if (!maySign(authorizer, user, 'approve', signer))
          throw forbidden(kind, name, `user not permitted to approve requests with signerName "${signer}"`);
      },
    },
    {
      name: 'CertificateSigning',
      matches: on('UPDATE', 'status'),
      validate: ({ kind, name, object, old, user }) => {
        const unchanged =
          equalJson(object!.status?.certificate, old!.status?.certificate) &&
          equalJson(object!.status?.conditions ?? [], old!.status?.conditions ?? []);
        const signer = String(old!.spec?.signerName ?? '');
        if (!unchanged && !maySign(authorizer, user, 'sign', signer))
          throw forbidden(kind, name, `user not permitted to sign requests with signerName "${signer}"`);
      },
    },
    {
      name: 'CertificateSubjectRestriction',
      matches: on('CREATE', ''),
      validate: async ({ kind, name, object }) => {
        if (object!.spec?.signerName !== CLIENT_SIGNER) return;
        const csr = await readCsr(String(object!.spec?.request ?? ''));
        if (csr?.organizations.includes('system:masters') === true)
          throw forbidden(kind, name, `use of ${CLIENT_SIGNER} signer with system:masters group is not allowed`);
      },
    },
  ];
}

/** Part of storing a request rather than of admission, so no name to switch it off by. */
export const keptCertificateRequests: AdmissionPlugin = {
  name: '',
  matches: (kind, operation) =>
    kind.group === GROUP && kind.resource === 'certificatesigningrequests' && operation !== 'DELETE',
  mutate: keepToRole,
};

/** Who asks is written down by the server, and each endpoint changes only what it is for. */
function keepToRole({ operation, subresource, object, old, user }: AdmissionRequest): void {
  const request = object!;
  if (operation === 'CREATE') {
    const { username, uid, groups, extra } = user;
    request.spec = { ...request.spec, username, groups };
    for (const [field, value] of Object.entries({ uid, extra })) {
      if (value === undefined) delete request.spec[field];
      else request.spec[field] = value;
    }
    request.status = {};
    return;
  }
  request.spec = old!.spec;
  const conditions: Json[] = request.status?.conditions ?? [];
  const before: Json[] = old!.status?.conditions ?? [];
  if (subresource === 'approval') request.status = { ...old!.status, conditions: stamped(conditions, before) };
  else if (subresource === 'status')
    request.status = { ...request.status, conditions: stamped(withDecisions(conditions, before), before) };
  else return;
  if (request.status.conditions.length === 0) delete request.status.conditions;
}

/** Decisions stay as they were; where some were added or taken away, validation says so. */
function withDecisions(conditions: Json[], before: Json[]): Json[] {
  return ['Approved', 'Denied'].reduce((list, type) => {
    const old = before.filter((condition) => condition.type === type);
    if (list.filter((condition) => condition.type === type).length !== old.length) return list;
    return list.map((condition) => (condition.type === type ? old.shift()! : condition));
  }, conditions);
}

/** A condition that held before keeps the time since when it does. */
function stamped(conditions: Json[], before: Json[]): Json[] {
  const now = timestamp();
  return conditions.map((condition) => {
    const status = condition.status ?? 'True';
    const held = before.find((each) => each.type === condition.type && each.status === status);
    return {
      ...condition,
      status,
      lastUpdateTime: condition.lastUpdateTime ?? now,
      lastTransitionTime: condition.lastTransitionTime ?? held?.lastTransitionTime ?? now,
    };
  });
}

/** For the signer itself, or for all of its domain. */
function maySign(authorizer: Authorizer, user: UserInfo, verb: string, signer: string): boolean {
  const domain = signer.split('/', 1)[0]!;
  return [signer, `${domain}/*`].some(
    (name) =>
      authorizer.decide(user, {
        verb,
        resource: { group: GROUP, version: '*', resource: 'signers', subresource: '', namespace: '', name },
      }).allowed,
  );
}
