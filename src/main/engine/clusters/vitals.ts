/** What a connection learns on the way of how well its cluster is: probes, clock, certificates, requests. Asks for nothing. */
import { readFile } from 'node:fs/promises';
import type { ClusterCertificate, ClusterHealth } from '#shared/contract/cluster-health.ts';
import type { HttpsTransport } from '../kube/index.ts';
import { certificatesOf } from './certificates.ts';
import type { IdentitySource } from './source.ts';

export interface Vitals {
  /** Null: the probe failed, and the clock is as it was last seen. */
  remember(answer: { latencyMs: number; clockSkewMs: number | null } | null): void;
  /** On the way to the cluster, the one that ends first first. */
  certificates(): Promise<ClusterCertificate[]>;
  health(): Promise<ClusterHealth>;
}

/** Probes that are remembered: of some twenty minutes while all is well. */
const REMEMBERED_PROBES = 120;

export function createVitals(transport: HttpsTransport, source: IdentitySource): Vitals {
  const probes: ClusterHealth['probes'] = [];
  let clockSkewMs: number | null = null;

  async function authority(): Promise<string | undefined> {
    const { caData, caFile } = await source.identity();
    return caData ?? (caFile === undefined ? undefined : await readFile(caFile, 'utf8'));
  }

  async function certificates(): Promise<ClusterCertificate[]> {
    const [trusted, own] = await Promise.allSettled([authority(), transport.certificates?.()]);
    return certificatesOf({
      server: transport.serverCertificates(),
      // What cannot be read is said where it matters: by the connection itself.
      authority: trusted.status === 'fulfilled' ? trusted.value : undefined,
      client: own.status === 'fulfilled' ? own.value?.client : undefined,
    });
  }

  return {
    remember(answer) {
      probes.push({ at: new Date().toISOString(), latencyMs: answer?.latencyMs ?? null });
      if (probes.length > REMEMBERED_PROBES) probes.shift();
      if (answer !== null) clockSkewMs = answer.clockSkewMs;
    },
    certificates,
    async health() {
      const { pausedUntil, ...budget } = transport.budget();
      return {
        probes: [...probes],
        clockSkewMs,
        certificates: await certificates(),
        requests: { ...budget, pausedUntil: pausedUntil === null ? null : new Date(pausedUntil).toISOString() },
      };
    },
  };
}
