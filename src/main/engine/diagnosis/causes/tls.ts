/**
 * Certificates of Ingresses. Judged are facts that were read from the Secret's certificate when the cluster was read
 * (`tls`): dates, names, whether the key fits. Values of the Secret never come here.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { both, field, hit, kubectl, plain, sh } from '../hits.ts';
import type { Check, Evidence, Hit, Words } from '../types.ts';
import type { World } from '../world.ts';

export interface TlsFacts {
  notBefore: string;
  notAfter: string;
  names: readonly string[];
  subject: string;
  issuer: string;
  keyFits: boolean;
  /** Which of the two could not be read; empty: neither. */
  problem: '' | 'certificate' | 'key';
  /** What comes after the certificate itself, in the order in which it is sent. */
  chain?: readonly { subject: string; notAfter: string }[];
  /** The first certificate of the chain that was not issued by the next, and that one; empty: there is none. */
  broken?: readonly string[];
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
  const problem = problemOf(secret, (entry?.hosts ?? []) as string[], world.now);
  if (problem === null) return [];
  const { reason, soon = false } = problem;
  return [
    hit('G-TLSBAD', ingress, {
      verdict: soon ? 'warning' : 'fault',
      params: { secret: name, reason },
      evidence: [...evidence, field(secret, 'type'), field(secret, 'tls.crt', plain(reason))],
      commands: [...commands, kubectl('describe', secret)],
    }),
  ];
}

interface Problem {
  reason: Words;
  soon?: boolean;
}

function problemOf(secret: KubeObject, hosts: readonly string[], now: number): Problem | null {
  const facts: TlsFacts | undefined = secret.tls;
  const bad = (zh: string, en: string): Problem => ({ reason: both(zh, en) });
  if (secret.type !== 'kubernetes.io/tls')
    return bad(`类型是 ${secret.type}，不是 kubernetes.io/tls`, `type ${secret.type}, not kubernetes.io/tls`);
  if (facts === undefined) return bad('缺少 tls.crt 或 tls.key', 'tls.crt or tls.key are missing');
  if (facts.problem === 'key') return bad('tls.key 不是私钥', 'tls.key is no private key');
  if (facts.problem === 'certificate') return bad('tls.crt 不是证书', 'tls.crt is no certificate');
  if (!facts.keyFits) return bad('tls.key 与 tls.crt 不匹配', 'tls.key does not belong to tls.crt');
  if (Date.parse(facts.notAfter) < now) return bad(`已于 ${facts.notAfter} 过期`, `expired on ${facts.notAfter}`);
  if (Date.parse(facts.notBefore) > now + 60_000)
    return bad(`${facts.notBefore} 之前无效`, `not valid before ${facts.notBefore}`);
  const [issued, next] = facts.broken ?? [];
  if (issued !== undefined)
    return bad(
      `证书链断裂：${issued} 不是由其后的 ${next} 签发`,
      `the chain is broken: ${issued} was not issued by ${next}, which follows it`,
    );
  const late = (facts.chain ?? []).find(({ notAfter }) => Date.parse(notAfter) < now);
  if (late !== undefined)
    return bad(
      `证书链中的 ${late.subject} 已于 ${late.notAfter} 过期`,
      `the chain's ${late.subject} expired on ${late.notAfter}`,
    );
  const uncovered = hosts.find((host) => !facts.names.some((name) => covers(name, host)));
  if (uncovered !== undefined)
    return bad(
      `不包含 ${uncovered}：${facts.names.join(', ')}`,
      `does not cover ${uncovered}: ${facts.names.join(', ')}`,
    );
  if (Date.parse(facts.notAfter) < now + SOON_MS)
    return { ...bad(`将于 ${facts.notAfter} 过期`, `expires on ${facts.notAfter}`), soon: true };
  const ending = (facts.chain ?? []).find(({ notAfter }) => Date.parse(notAfter) < now + SOON_MS);
  if (ending === undefined) return null;
  const { subject, notAfter } = ending;
  return {
    ...bad(`证书链中的 ${subject} 将于 ${notAfter} 过期`, `the chain's ${subject} expires on ${notAfter}`),
    soon: true,
  };
}

/** RFC 6125: a star stands for one label. */
export function covers(name: string, host: string): boolean {
  if (name.toLowerCase() === host.toLowerCase()) return true;
  if (!name.startsWith('*.')) return false;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot).toLowerCase() === name.slice(1).toLowerCase();
}
