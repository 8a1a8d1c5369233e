/**
 * Public face of access: kubeconfigs issued for clusters and federations by TokenRequest (authentication.k8s.io/v1), one
 * service account and one bound Secret per issue. Deleting the Secret ends the token (API reference, "Bound service
 * account tokens"); the API server may remember a good token for some seconds, so revoking waits until it is refused.
 */
import { createHash, randomUUID } from 'node:crypto';
import path from 'node:path';
import type { AccessService, IssuedAccess, IssueInput } from '#shared/contract/access.ts';
import { AppError } from '#shared/errors.ts';
import type { ResourceRef } from '#shared/kubernetes/types.ts';
import type { Belongings } from '../clusters/index.ts';
import { isAlreadyExists, isNotFound, type KubeClient, sleep } from '../kube/index.ts';
import type { Log } from '../types.ts';
import { cleanUp } from './clean-up.ts';
import { kubeconfigText, removeKubeconfig, tokenIn, writeKubeconfig } from './kubeconfig.ts';
import {
  ACCOUNTS,
  account,
  accountName,
  bindings,
  boundSecret,
  CLUSTER_ROLES,
  NAMESPACE,
  NAMESPACES,
  namespace,
  readOnlyRole,
  SECRETS,
} from './manifests.ts';
import type { AccessRecord, AccessRepository, AccessTargets } from './types.ts';

export { accessTargets } from './targets.ts';
export type { AccessRecord, AccessRepository, AccessTargets } from './types.ts';

export interface AccessDeps {
  repository: AccessRepository;
  targets: AccessTargets;
  /** Folder for kubeconfigs without a path of their own. */
  dir: string;
  log: Log;
  /** How long a revoked token may still be let in: the API server's cache of good tokens is about 10 s. */
  refusedWithinMs?: number;
}

export interface Access extends AccessService, Belongings {}

/** Asked for when a kubeconfig is to be permanent; servers cap it as they are set up. */
const PERMANENT_SECONDS = 315_360_000;
const TOKEN_BELOW = 0.95;
const REFUSED_WITHIN_MS = 20_000;

export function createAccess(deps: AccessDeps): Access {
  const { repository, targets, log } = deps;

  function need(id: string): AccessRecord {
    const record = repository.get(id);
    if (record === undefined) throw new AppError('NOT_FOUND', `no issued access ${id}`, { params: { id } });
    return record;
  }

  async function issue(input: IssueInput): Promise<IssuedAccess> {
    const cluster = targets.get(input.clusterId);
    if (cluster === undefined) throw new AppError('NOT_FOUND', `no cluster ${input.clusterId}`);
    const client = targets.client(cluster.id);
    const id = randomUUID();
    const name = accountName(input.subject, id);
    const file = path.resolve(input.path ?? path.join(deps.dir, `${cluster.name}-${name}.yaml`));
    const seconds = input.expiresIn ?? PERMANENT_SECONDS;
    const now = Date.now();
    const operation = targets.log(cluster.id, 'issueAccess');
    const made: (() => Promise<unknown>)[] = [];
    try {
      await ensure(client, NAMESPACES, namespace());
      if (input.right.kind === 'readOnly') await ensureRole(client);
      const where = { namespace: NAMESPACE };
      await client.create(ACCOUNTS, account(name, input.subject, id), where);
      made.push(() => client.delete(ACCOUNTS, name, where));
      const asked = input.expiresIn === undefined ? null : new Date(now + seconds * 1000).toISOString();
      const secret = await client.create(SECRETS, boundSecret(name, id, asked), where);
      made.push(() => client.delete(SECRETS, name, where));
      for (const { ref, object } of bindings(name, id, input.right, input.namespaces)) {
        const place = object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace };
        await client.create(ref, object, place);
        made.push(() => client.delete(ref, object.metadata.name ?? '', place));
      }
      const { token, expiresAt } = await requestToken(client, name, secret.metadata.uid ?? '', seconds);
      const text = kubeconfigText({
        name: cluster.name,
        user: input.subject,
        endpoint: await targets.endpoint(cluster.id),
        token,
        namespace: input.namespaces.length === 1 ? input.namespaces[0] : undefined,
      });
      await writeKubeconfig(file, text);
      made.push(() => removeKubeconfig(file));
      const record: AccessRecord = {
        id,
        clusterId: cluster.id,
        subject: input.subject,
        right: input.right,
        namespaces: input.namespaces,
        kind: input.expiresIn === undefined ? 'permanent' : 'temporary',
        serviceAccount: `system:serviceaccount:${NAMESPACE}:${name}`,
        issuedAt: new Date(now).toISOString(),
        expiresAt,
        shortened: Date.parse(expiresAt) - now < seconds * 1000 * TOKEN_BELOW,
        path: file,
        revokedAt: null,
        refused: null,
        secret: name,
        tokenHash: createHash('sha256').update(token).digest('hex'),
      };
      repository.put(record);
      operation.step('issued', record.shortened ? 'warning' : 'passed', `${input.subject}: ${record.serviceAccount}`);
      operation.end();
      log.info('kubeconfig issued', { cluster: cluster.name, subject: input.subject, kind: record.kind });
      return shown(record);
    } catch (error) {
      // All or nothing: rights without a ledger entry would be rights nobody can take back.
      for (const undo of made.reverse()) await undo().catch(() => undefined);
      operation.end(error);
      throw located(error, cluster.name);
    }
  }

  async function revoke(id: string): Promise<IssuedAccess> {
    const record = need(id);
    if (record.revokedAt !== null) return shown(record);
    const cluster = targets.get(record.clusterId);
    if (cluster === undefined) throw new AppError('NOT_FOUND', `no cluster ${record.clusterId}`);
    const client = targets.client(cluster.id);
    const token = await tokenIn(record.path);
    const operation = targets.log(cluster.id, 'revokeAccess');
    const where = { namespace: NAMESPACE };
    try {
      await gone(client.delete(SECRETS, record.secret, where));
      for (const { ref, object } of bindings(record.secret, id, record.right, record.namespaces)) {
        const place = object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace };
        await gone(client.delete(ref, object.metadata.name ?? '', place));
      }
      await gone(client.delete(ACCOUNTS, record.secret, where));
    } catch (error) {
      operation.end(error);
      throw located(error, cluster.name);
    }
    const refused = token === null || hash(token) !== record.tokenHash ? null : await isRefused(cluster.id, token);
    if (refused !== null) await removeKubeconfig(record.path);
    const after: AccessRecord = { ...record, revokedAt: new Date().toISOString(), refused };
    repository.put(after);
    operation.step('revoked', refused === false ? 'warning' : 'passed', `${record.subject}: ${record.serviceAccount}`);
    operation.end();
    log.info('kubeconfig revoked', { cluster: cluster.name, subject: record.subject, refused });
    return shown(after);
  }

  /** Asks with the old token until it is refused. */
  async function isRefused(clusterId: string, token: string): Promise<boolean> {
    const transport = await targets.withToken(clusterId, token);
    try {
      const deadline = Date.now() + (deps.refusedWithinMs ?? REFUSED_WITHIN_MS);
      for (;;) {
        const { status } = await transport.request({ method: 'GET', path: '/api' });
        if (status === 401) return true;
        if (Date.now() > deadline) return false;
        await sleep(500);
      }
    } catch (error) {
      log.warn('a revoked token could not be tried', { error: String(error) });
      return false;
    } finally {
      await transport.close();
    }
  }

  return {
    list: (clusterId) => repository.list(clusterId).map(shown),
    issue,
    revoke,
    async roles(clusterId) {
      const { items } = await targets.client(clusterId).list(CLUSTER_ROLES);
      return items
        .map(({ metadata }) => metadata.name ?? '')
        .filter((name) => name !== '' && !name.startsWith('system:') && !name.startsWith('fleetdeck:'))
        .sort();
    },
    isIn: (clusterId) => repository.list(clusterId).length > 0,
    async cleanUp(clusterId) {
      const issues = new Set(repository.list(clusterId).map(({ id }) => id));
      const result = await cleanUp(targets.client(clusterId), issues);
      for (const { path: file } of repository.list(clusterId)) await removeKubeconfig(file);
      return result;
    },
    async forget(clusterId) {
      for (const { path: file } of repository.list(clusterId)) await removeKubeconfig(file);
      repository.removeOf(clusterId);
    },
  };
}

async function requestToken(
  client: KubeClient,
  name: string,
  secretUid: string,
  seconds: number,
): Promise<{ token: string; expiresAt: string }> {
  const answer = await client.create(
    ACCOUNTS,
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name },
      spec: {
        audiences: [],
        expirationSeconds: seconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name, uid: secretUid },
      },
    },
    { namespace: NAMESPACE, subresource: 'token' },
  );
  const { token, expirationTimestamp } = (answer.status ?? {}) as { token?: unknown; expirationTimestamp?: unknown };
  if (typeof token !== 'string' || typeof expirationTimestamp !== 'string')
    throw new AppError('CLUSTER_ERROR', 'the answer to the TokenRequest holds no token');
  return { token, expiresAt: new Date(expirationTimestamp).toISOString() };
}

async function ensure(
  client: KubeClient,
  ref: ResourceRef,
  object: Parameters<KubeClient['create']>[1],
): Promise<void> {
  try {
    await client.create(ref, object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** The role as this version knows it: one that an older version left is brought up to date. */
async function ensureRole(client: KubeClient): Promise<void> {
  const wanted = readOnlyRole();
  const name = wanted.metadata.name ?? '';
  const found = await client.find(CLUSTER_ROLES, name);
  if (found === null) await ensure(client, CLUSTER_ROLES, wanted);
  else if (JSON.stringify(found.rules) !== JSON.stringify(wanted.rules))
    await client.patch(CLUSTER_ROLES, name, 'merge', { rules: wanted.rules });
}

async function gone(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function shown({ secret: _secret, tokenHash: _hash, ...record }: AccessRecord): IssuedAccess {
  return record;
}

function located(error: unknown, cluster: string): unknown {
  if (!(error instanceof AppError) || error.cluster !== undefined) return error;
  const { code, message, ...rest } = error.toShape();
  return new AppError(code, message, { ...rest, cluster, cause: error });
}
