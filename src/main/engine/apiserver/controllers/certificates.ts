/**
 * Certificate signing requests: kubelets' own are approved, approved ones signed by the server's CA, old ones cleaned up.
 * Source: Kubernetes documentation, "Certificates and Certificate Signing Requests"; controllers
 * certificatesigningrequest-approving, -signing and -cleaner.
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { readCsr, type SignerName, signCsr, signerProblem } from '../auth/csr.ts';
import { type Core, SYSTEM_USER, timestamp } from '../core.ts';
import { cloneJson } from '../json.ts';
import type { Collection } from '../storage/collection.ts';
import type { UserInfo } from '../types.ts';
import { deleteObject } from '../verbs/delete.ts';
import { PLAIN_DELETE } from '../verbs/delete-options.ts';
import { changeObject } from '../verbs/update.ts';
import { Debouncer } from './debouncer.ts';
import { Periodic } from './periodic.ts';

const GROUP = 'certificates.k8s.io';
const PREFIX = 'kubernetes.io/';
const SIGNERS = ['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving'];
/** Source: kube-controller-manager, --cluster-signing-duration. */
const MAX_SECONDS = 365 * 24 * 3600;
const MIN_SECONDS = 600;
const HOUR_MS = 3600 * 1000;

/** What of the three controllers runs. */
export interface CertificateTasks {
  approve: boolean;
  sign: boolean;
  clean: boolean;
}

export class CertificateController {
  readonly #core: Core;
  readonly #ca: { caCertificate: string; caKey: string };
  readonly #tasks: CertificateTasks;
  readonly #requests: Collection;
  readonly #queue: Debouncer;
  readonly #cleaner: Periodic;

  constructor(core: Core, ca: { caCertificate: string; caKey: string }, tasks: CertificateTasks) {
    this.#core = core;
    this.#ca = ca;
    this.#tasks = tasks;
    this.#requests = core.store.collection(`${GROUP}/certificatesigningrequests`);
    this.#queue = new Debouncer((name) => this.#reconcile(name), core.onError);
    this.#cleaner = new Periodic(
      () => this.#clean(),
      60_000,
      (error) => core.onError(error, 'certificate cleaner'),
    );
  }

  start(): void {
    for (const name of this.#requests.items.keys()) this.#queue.add(name);
    this.#requests.watchers.add(({ type, key }) => {
      if (type !== 'DELETED') this.#queue.add(key);
    });
    if (this.#tasks.clean) this.#cleaner.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#queue.stop(), this.#cleaner.stop()]);
  }

  async #reconcile(name: string): Promise<void> {
    const request = this.#requests.latest(name)?.object;
    if (request === undefined || request.status?.certificate) return;
    const has = (type: string) => conditionOf(request, type) !== undefined;
    if (has('Denied') || has('Failed')) return;
    if (!has('Approved')) {
      if (this.#tasks.approve) await this.#approve(request);
      return;
    }
    if (this.#tasks.sign) await this.#sign(request);
  }

  /** Kubelets may have the certificates their identity says, when RBAC lets them ask. */
  async #approve(request: KubeObject): Promise<void> {
    if (request.spec?.signerName !== `${PREFIX}kube-apiserver-client-kubelet`) return;
    const csr = await readCsr(String(request.spec?.request ?? ''));
    if (csr === null || signerProblem('kube-apiserver-client-kubelet', csr, request.spec?.usages ?? []) !== null)
      return;
    const user: UserInfo = { username: request.spec?.username ?? '', groups: request.spec?.groups ?? [] };
    const self = csr.commonName === user.username;
    const subresource = self ? 'selfnodeclient' : 'nodeclient';
    const allowed = this.#core.authorizer.decide(user, {
      verb: 'create',
      resource: {
        group: GROUP,
        version: '*',
        resource: 'certificatesigningrequests',
        subresource,
        namespace: '',
        name: '',
      },
    }).allowed;
    if (!allowed) return;
    await this.#change(request, 'approval', (next) =>
      addCondition(
        next,
        'Approved',
        'AutoApproved',
        `Auto approving ${self ? 'self ' : ''}kubelet client certificate after SubjectAccessReview.`,
      ),
    );
  }

  async #sign(request: KubeObject): Promise<void> {
    const { signerName = '', usages = [], expirationSeconds } = request.spec ?? {};
    const signer = String(signerName).startsWith(PREFIX) ? String(signerName).slice(PREFIX.length) : '';
    // Somebody else's.
    if (!SIGNERS.includes(signer)) return;
    const csr = await readCsr(String(request.spec?.request ?? ''));
    const problem = csr === null ? 'the request cannot be read' : signerProblem(signer as SignerName, csr, usages);
    if (problem !== null) {
      await this.#change(request, 'status', (next) => addCondition(next, 'Failed', 'SignerValidationFailure', problem));
      return;
    }
    const seconds = Math.min(MAX_SECONDS, Math.max(MIN_SECONDS, expirationSeconds ?? MAX_SECONDS));
    const certificate = await signCsr(String(request.spec?.request), { ...this.#ca, usages, seconds });
    await this.#change(request, 'status', (next) => {
      next.status = { ...next.status, certificate: Buffer.from(certificate).toString('base64') };
    });
  }

  async #clean(): Promise<void> {
    const now = Date.now();
    const kind = this.#core.registry.find(GROUP, 'v1', 'certificatesigningrequests')!;
    for (const { object } of [...this.#requests.items.values()]) {
      if (!isOld(object, now)) continue;
      const { name = '', uid = '' } = object.metadata;
      await ignoreGone(deleteObject(this.#core, kind, '', name, { ...PLAIN_DELETE, uid }, SYSTEM_USER));
    }
  }

  async #change(request: KubeObject, subresource: string, edit: (next: KubeObject) => void): Promise<void> {
    await ignoreGone(
      changeObject({
        core: this.#core,
        kind: this.#core.registry.find(GROUP, 'v1', 'certificatesigningrequests')!,
        namespace: '',
        name: request.metadata.name ?? '',
        subresource,
        user: SYSTEM_USER,
        options: { dryRun: false, fieldManager: 'kube-controller-manager' },
        next: (old) => {
          const next = cloneJson(old);
          // Another one of that name has come since.
          if (next.metadata.uid === request.metadata.uid) edit(next);
          return next;
        },
      }),
    );
  }
}

async function ignoreGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isNotFound(error) && (error as { status?: number }).status !== 409) throw error;
  }
}

function conditionOf(request: KubeObject, type: string): Json | undefined {
  return ((request.status?.conditions ?? []) as Json[]).find((condition) => condition.type === type);
}

function addCondition(request: KubeObject, type: string, reason: string, message: string): void {
  const now = timestamp();
  const condition = { type, status: 'True', reason, message, lastUpdateTime: now, lastTransitionTime: now };
  request.status = { ...request.status, conditions: [...(request.status?.conditions ?? []), condition] };
}

/** Decided for an hour, or waiting for a day. */
export function isOld(request: KubeObject, now: number): boolean {
  const since = (time: unknown) => now - Date.parse(String(time ?? ''));
  const decided = ['Approved', 'Denied', 'Failed'].map((type) => conditionOf(request, type)).find(Boolean);
  if (decided === undefined) return since(request.metadata.creationTimestamp) > 24 * HOUR_MS;
  const issued = request.status?.certificate !== undefined || decided.type !== 'Approved';
  return issued ? since(decided.lastUpdateTime) > HOUR_MS : since(request.metadata.creationTimestamp) > 24 * HOUR_MS;
}
