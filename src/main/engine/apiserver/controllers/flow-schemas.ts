/**
 * FlowSchemas: which of them a request falls under, and whether the priority level that each names exists. Requests are not
 * queued here, but every answer tells its schema and level, as the real server's does.
 * Source: Kubernetes documentation, "API Priority and Fairness".
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { applied } from '../apply/apply.ts';
import type { AccessAttributes } from '../auth/authorize.ts';
import { isAbout } from '../auth/flow-rules.ts';
import { type Core, SYSTEM_USER, timestamp } from '../core.ts';
import type { Collection } from '../storage/collection.ts';
import type { UserInfo } from '../types.ts';
import { changeObject } from '../verbs/update.ts';
import { Debouncer } from './debouncer.ts';

const GROUP = 'flowcontrol.apiserver.k8s.io';
const MANAGER = 'api-priority-and-fairness-config-consumer-v1';

export class FlowSchemas {
  readonly #core: Core;
  readonly #schemas: Collection;
  readonly #levels: Collection;
  readonly #queue: Debouncer;
  /** Those whose level exists, in the order in which they are asked; null after a change. */
  #inOrder: { schema: KubeObject; headers: Record<string, string> }[] | null = null;

  constructor(core: Core) {
    this.#core = core;
    this.#schemas = core.store.collection(`${GROUP}/flowschemas`);
    this.#levels = core.store.collection(`${GROUP}/prioritylevelconfigurations`);
    this.#queue = new Debouncer((name) => this.#reconcile(name), core.onError);
  }

  start(): void {
    const all = () => {
      this.#inOrder = null;
      for (const name of this.#schemas.items.keys()) this.#queue.add(name);
    };
    all();
    this.#schemas.watchers.add(({ type, key }) => {
      this.#inOrder = null;
      if (type !== 'DELETED') this.#queue.add(key);
    });
    this.#levels.watchers.add(({ type }) => {
      this.#inOrder = null;
      if (type !== 'MODIFIED') all();
    });
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  /** Headers that tell the schema and the level of a request; undefined when none is about it. */
  headersOf(user: UserInfo, access: AccessAttributes): Record<string, string> | undefined {
    this.#inOrder ??= this.#ordered();
    return this.#inOrder.find(({ schema }) => isAbout(schema.spec, user, access))?.headers;
  }

  #ordered(): { schema: KubeObject; headers: Record<string, string> }[] {
    const found: { schema: KubeObject; headers: Record<string, string> }[] = [];
    for (const { object: schema } of this.#schemas.items.values()) {
      const level = this.#levels.items.get(levelOf(schema))?.object;
      if (level === undefined) continue;
      const headers = {
        'X-Kubernetes-Pf-Flowschema-Uid': schema.metadata.uid ?? '',
        'X-Kubernetes-Pf-Prioritylevel-Uid': level.metadata.uid ?? '',
      };
      found.push({ schema, headers });
    }
    const precedence = ({ schema }: { schema: KubeObject }): number => schema.spec?.matchingPrecedence ?? 1000;
    const name = ({ schema }: { schema: KubeObject }): string => schema.metadata.name ?? '';
    return found.sort((a, b) => precedence(a) - precedence(b) || (name(a) < name(b) ? -1 : 1));
  }

  async #reconcile(name: string): Promise<void> {
    const schema = this.#schemas.latest(name)?.object;
    if (schema === undefined) return;
    const wanted = dangling(levelOf(schema), this.#levels.latest(levelOf(schema)) !== undefined);
    const before = (schema.status?.conditions ?? []).find(({ type }: { type: string }) => type === wanted.type);
    if (before?.status === wanted.status && before.reason === wanted.reason && before.message === wanted.message)
      return;
    const kind = this.#core.registry.find(GROUP, 'v1', 'flowschemas')!;
    const { apiVersion, kind: kindName } = schema;
    const condition = { ...wanted, lastTransitionTime: timestamp(this.#core.now()) };
    const config = { apiVersion, kind: kindName, metadata: { name }, status: { conditions: [condition] } };
    const options = { dryRun: false, fieldManager: MANAGER, force: true };
    try {
      await changeObject({
        core: this.#core,
        kind,
        namespace: '',
        name,
        subresource: 'status',
        user: SYSTEM_USER,
        options,
        recordManager: false,
        next: (old) => applied(kind, old, config, options, 'status'),
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

const levelOf = (schema: KubeObject): string => schema.spec?.priorityLevelConfiguration?.name ?? '';

function dangling(level: string, exists: boolean): { type: string; status: string; reason: string; message: string } {
  const text = `This FlowSchema references the PriorityLevelConfiguration object named "${level}"`;
  return exists
    ? { type: 'Dangling', status: 'False', reason: 'Found', message: `${text} and it exists` }
    : { type: 'Dangling', status: 'True', reason: 'NotFound', message: `${text} but there is no such object` };
}
