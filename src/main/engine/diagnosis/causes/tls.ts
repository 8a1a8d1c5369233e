/**
 * Certificates of Ingresses. Judged are facts that were read from the Secret's certificate when the cluster was read
 * (`tls`): dates, names, whether the key fits. Values of the Secret never come here.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { field, hit, kubectl, sh } from '../hits.ts';
import type { Check, Evidence, Hit } from '../types.ts';
import type { World } from '../world.ts';

export interface TlsFacts {
  notBefore: string;
  notAfter: string;
  names: readonly string[];
  subject: string;
  issuer: string;
  keyFits: boolean;
  /** Why the certificate or the key could not be read. */
  problem: string;
  /** What comes after the certificate itself, in the order in which it is sent. */
  chain?: readonly { subject: string; notAfter: string }[];
  /** Where one certificate of the chain was not issued by the next. */
  broken?: string;
}

const SOON_MS = 30 * 24 * 3600 * 1000;

export const tlsCheck: Check = {
  id: 'tls',
  title: { zh: 'TLS 证书', en: 'TLS certificates' },
  needs: ['Secret'],
  looked: (ingress, world) =>
    ((ingress.spec?.tls ?? []) as Json[]).flatMap(({ secretName }) => {
      const secret = world.get('Secret', ingress.metadata.namespace ?? '', String(secretName ?? ''));
      const facts: TlsFacts | undefined = secret?.tls;
      return secret === undefined || facts === undefined
        ? []
        : [field(secret, 'tls.crt', `notAfter ${facts.notAfter}, ${facts.names.join(', ')}`)];
    }),
  run(ingress, world) {
    if (!world.complete('Secret')) return [];
    return ((ingress.spec?.tls ?? []) as Json[]).flatMap((entry, index) => judge(ingress, entry, index, world));
  },
};

function judge(ingress: KubeObject, entry: Json, index: number, world: World): Hit[] {
  const name = String(entry?.secretName ?? '');
  const namespace = ingress.metadata.namespace ?? '';
  if (name === '') return [];
  const evidence: Evidence[] = [field(ingress, `spec.tls[${index}]`)];
  const certificate =
    world.get('Certificate', namespace, name) ??
    world.within('Certificate', namespace).find(({ spec }) => spec?.secretName === name);
  const issuing = (certificate?.status?.conditions ?? []).find(
    ({ type, status }: Json) => type === 'Ready' && status !== 'True',
  );
  if (certificate !== undefined && issuing !== undefined)
    evidence.push(field(certificate, 'status.conditions', `${issuing.reason}: ${issuing.message}`));
  const secret = world.get('Secret', namespace, name);
  const commands = certificate === undefined ? [] : [kubectl('describe', certificate)];
  if (secret === undefined)
    return [
      hit('G-TLSMISS', ingress, {
        params: { secret: name },
        evidence,
        commands: [...commands, `kubectl create secret tls ${sh(name)} -n ${sh(namespace)} --cert=CERT --key=KEY`],
      }),
    ];
  const { reason, soon } = problemOf(secret, (entry?.hosts ?? []) as string[], world.now);
  if (reason === '') return [];
  return [
    hit('G-TLSBAD', ingress, {
      verdict: soon ? 'warning' : 'fault',
      params: { secret: name, reason },
      evidence: [...evidence, field(secret, 'type'), field(secret, 'tls.crt', reason)],
      commands: [...commands, kubectl('describe', secret)],
    }),
  ];
}

function problemOf(secret: KubeObject, hosts: readonly string[], now: number): { reason: string; soon?: boolean } {
  const facts: TlsFacts | undefined = secret.tls;
  if (secret.type !== 'kubernetes.io/tls') return { reason: `type ${secret.type}, not kubernetes.io/tls` };
  if (facts === undefined) return { reason: 'tls.crt or tls.key are missing' };
  if (facts.problem !== '') return { reason: facts.problem };
  if (!facts.keyFits) return { reason: 'tls.key does not belong to tls.crt' };
  if (Date.parse(facts.notAfter) < now) return { reason: `expired on ${facts.notAfter}` };
  if (Date.parse(facts.notBefore) > now + 60_000) return { reason: `not valid before ${facts.notBefore}` };
  if (facts.broken !== undefined && facts.broken !== '') return { reason: facts.broken };
  const late = (facts.chain ?? []).find(({ notAfter }) => Date.parse(notAfter) < now);
  if (late !== undefined) return { reason: `the chain's ${late.subject} expired on ${late.notAfter}` };
  const uncovered = hosts.find((host) => !facts.names.some((name) => covers(name, host)));
  if (uncovered !== undefined) return { reason: `does not cover ${uncovered}: ${facts.names.join(', ')}` };
  if (Date.parse(facts.notAfter) < now + SOON_MS) return { reason: `expires on ${facts.notAfter}`, soon: true };
  const ending = (facts.chain ?? []).find(({ notAfter }) => Date.parse(notAfter) < now + SOON_MS);
  if (ending !== undefined)
    return { reason: `the chain's ${ending.subject} expires on ${ending.notAfter}`, soon: true };
  return { reason: '' };
}

/** RFC 6125: a star stands for one label. */
export function covers(name: string, host: string): boolean {
  if (name.toLowerCase() === host.toLowerCase()) return true;
  if (!name.startsWith('*.')) return false;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot).toLowerCase() === name.slice(1).toLowerCase();
}
