/**
 * Secrets of type service-account-token: filled with a token of the account they name, gone with it.
 * Source: Kubernetes documentation, "Manually create a long-lived API token for a ServiceAccount".
 */
import { isNotFound } from '#engine/kube/index.ts';
import { ISSUER } from '../auth/tokens.ts';
import { type Core, SYSTEM_USER } from '../core.ts';
import { cloneJson } from '../json.ts';
import type { Collection } from '../storage/collection.ts';
import { deleteObject } from '../verbs/delete.ts';
import { PLAIN_DELETE } from '../verbs/delete-options.ts';
import { changeObject } from '../verbs/update.ts';
import { Debouncer } from './debouncer.ts';

const TYPE = 'kubernetes.io/service-account-token';
const NAME = 'kubernetes.io/service-account.name';
const UID = 'kubernetes.io/service-account.uid';

export class AccountSecrets {
  readonly #core: Core;
  readonly #caCertificate: string;
  readonly #secrets: Collection;
  readonly #accounts: Collection;
  readonly #queue: Debouncer;

  constructor(core: Core, caCertificate: string) {
    this.#core = core;
    this.#caCertificate = caCertificate;
    this.#secrets = core.store.collection('/secrets');
    this.#accounts = core.store.collection('/serviceaccounts');
    this.#queue = new Debouncer((key) => this.#reconcile(key), core.onError);
  }

  start(): void {
    for (const [key, { object }] of this.#secrets.items) if (object.type === TYPE) this.#queue.add(key);
    this.#secrets.watchers.add((event) => {
      if (event.type !== 'DELETED' && event.current.object.type === TYPE) this.#queue.add(event.key);
    });
    this.#accounts.watchers.add((event) => {
      if (event.type === 'DELETED') this.#addSecretsOf(event.current.object.metadata.namespace ?? '');
    });
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  #addSecretsOf(namespace: string): void {
    for (const key of this.#secrets.keys(`${namespace}/`))
      if (this.#secrets.items.get(key)?.object.type === TYPE) this.#queue.add(key);
  }

  async #reconcile(key: string): Promise<void> {
    const secret = this.#secrets.latest(key)?.object;
    if (secret === undefined) return;
    const { namespace = '', name = '', annotations = {} } = secret.metadata;
    const accountName = annotations[NAME] ?? '';
    const account = this.#accounts.latest(`${namespace}/${accountName}`)?.object;
    const kind = this.#core.registry.find('', 'v1', 'secrets')!;
    try {
      if (account === undefined || (annotations[UID] !== undefined && annotations[UID] !== account.metadata.uid)) {
        await deleteObject(this.#core, kind, namespace, name, PLAIN_DELETE, SYSTEM_USER);
        return;
      }
      if (annotations[UID] !== undefined && secret.data?.token !== undefined) return;
      const uid = account.metadata.uid ?? '';
      const token = this.#core.tokens.issue({
        namespace,
        account: { name: accountName, uid },
        audiences: [ISSUER],
        seconds: null,
        bound: { kind: 'Secret', object: { name, uid: secret.metadata.uid ?? '' } },
      });
      const base64 = (text: string) => Buffer.from(text).toString('base64');
      await changeObject({
        core: this.#core,
        kind,
        namespace,
        name,
        subresource: '',
        user: SYSTEM_USER,
        options: { dryRun: false, fieldManager: 'kube-controller-manager' },
        next: (old) => {
          const next = cloneJson(old);
          next.metadata.annotations = { ...next.metadata.annotations, [UID]: uid };
          next.data = {
            ...next.data,
            'ca.crt': base64(this.#caCertificate),
            namespace: base64(namespace),
            token: base64(token),
          };
          return next;
        },
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
