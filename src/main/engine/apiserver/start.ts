/** Puts one server together and takes it down again. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createKubeClient } from '#engine/kube/index.ts';
import { AppError } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { admissionChain } from './admission/index.ts';
import { startAudit } from './audit/index.ts';
import { staticToken, type TokenAuthenticator } from './auth/authenticate.ts';
import { adminKubeconfig } from './auth/kubeconfig.ts';
import { NodeAuthorizer } from './auth/node.ts';
import { loadPki } from './auth/pki.ts';
import { presetObject, presetRoles, reconciled } from './auth/presets/index.ts';
import { RbacAuthorizer } from './auth/rbac.ts';
import { ServiceAccountTokens } from './auth/tokens.ts';
import { keptObjects, startingObjects } from './bootstrap/index.ts';
import { SERVER_MANAGER, withOwners } from './bootstrap/owners.ts';
import { anyChance } from './chance.ts';
import { AccountSecrets } from './controllers/account-secrets.ts';
import { BootstrapKeeper } from './controllers/bootstrap.ts';
import { CustomResourceController } from './controllers/custom-resources.ts';
import { EventExpiry } from './controllers/event-expiry.ts';
import { FlowSchemas } from './controllers/flow-schemas.ts';
import { GarbageCollector } from './controllers/garbage-collector.ts';
import { chosenControllers } from './controllers/index.ts';
import { NamespaceController } from './controllers/namespaces.ts';
import { RoleAggregation } from './controllers/role-aggregation.ts';
import { ServiceAddresses } from './controllers/service-addresses.ts';
import { ServiceAvailability } from './controllers/service-availability.ts';
import { type Core, collectionOf, keyOf, SYSTEM_USER, timestamp } from './core.ts';
import { startHttpServer } from './http/server.ts';
import { cloneJson } from './json.ts';
import { aggregatedKinds, apiServiceOf } from './kinds/aggregated.ts';
import { createKindRegistry } from './kinds/index.ts';
import { loadObjects } from './load.ts';
import { Metrics } from './request/metrics.ts';
import { Pipeline } from './request/pipeline.ts';
import { openMemory } from './storage/memory.ts';
import { openSqlite } from './storage/sqlite.ts';
import { ObjectStore } from './storage/store.ts';
import { inProcessTransport } from './transport.ts';
import type { ApiServer, ApiServerOptions } from './types.ts';
import { createObject } from './verbs/create.ts';
import { changeObject } from './verbs/update.ts';

const DEFAULT_VERSION = 'v1.36.0';
/** Source: kube-apiserver, --event-ttl. */
const DEFAULT_EVENT_TTL_SECONDS = 3600;
const PORT_SETTING = 'port';

/** Starts a server; it answers when this resolves. Throws AppError (PORT_TAKEN, DATA_DIR_LOCKED, STORE_DAMAGED ...). */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const onError = options.onError ?? (() => undefined);
  if (options.dir !== null) mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const backend = options.dir === null ? openMemory() : openSqlite(join(options.dir, 'state.db'));
  const store = new ObjectStore(backend);
  try {
    const pki = loadPki(options.dir, options.name);
    let clockOffsetMs = 0;
    const now = () => Date.now() + clockOffsetMs;
    const audit = options.audit === undefined ? null : await startAudit(options.audit, onError);
    const authorizer = new NodeAuthorizer(store, new RbacAuthorizer(store));
    const proxies = new Map((options.proxies ?? []).map((each) => [`${each.group}/${each.resource}`, each]));
    const registry = createKindRegistry(
      (options.aggregated ?? []).flatMap(aggregatedKinds),
      new Set(proxies.keys()),
      options.tables,
    );
    const chance = options.chance ?? anyChance;
    const core: Core = {
      name: options.name,
      now,
      chance,
      version: options.version ?? DEFAULT_VERSION,
      registry,
      store,
      admission: admissionChain({
        store,
        registry,
        authorizer,
        chance,
        disabled: options.disableAdmission ?? [],
        podSecurityExemptions: options.podSecurityExemptions,
        more: options.admission ?? [],
        onError,
      }),
      authorizer,
      auditor: audit?.auditor ?? null,
      tokens: new ServiceAccountTokens(store, pki.tokenKey, now),
      fixedTokens: (options.tokens ?? []).map(({ token, user }) => staticToken(token, user)),
      metrics: new Metrics(),
      ending: false,
      pods: options.pods ?? null,
      proxies,
      onError,
    };
    const flows = new FlowSchemas(core);
    const pipeline = new Pipeline(core, flows);
    const namespaces = new NamespaceController(core, options.namespaceDelayMs ?? 0);
    const customResources = new CustomResourceController(core);
    const collector = new GarbageCollector(core);
    await customResources.start(options.customResources ?? []);
    const roles = new RoleAggregation(core);
    await namespaces.start();
    await seedPresets(core);
    const startedAt = timestamp(now());
    const owned = (object: KubeObject): KubeObject => withOwners(object, startedAt);
    await loadObjects(core, startingObjects(startedAt).map(owned));
    const keeper = new BootstrapKeeper(core, [
      ...keptObjects(pki.caCertificate, registry.all(), startedAt).map(owned),
      ...(options.aggregated ?? []).map((api) => apiServiceOf(api, startedAt)),
    ]);
    await keeper.start();
    await roles.start();
    collector.start();
    const secrets = new AccountSecrets(core, pki.caCertificate);
    secrets.start();
    const addresses = new ServiceAddresses(core);
    await addresses.start();
    const controllers = [
      flows,
      new ServiceAvailability(core),
      new EventExpiry(core, options.eventTtlSeconds ?? DEFAULT_EVENT_TTL_SECONDS),
      ...chosenControllers(core, pki, options.controllers ?? []),
    ];
    for (const controller of controllers) controller.start();
    await seed(core, options.seed ?? [], core.name);
    const tokens: TokenAuthenticator[] = [...core.fixedTokens, core.tokens.authenticate];
    const http = await startHttpServer({
      pipeline,
      pki,
      port: options.port,
      preferredPort: Number(backend.readSetting(PORT_SETTING) ?? 0) || null,
      tokens,
      now: core.now,
      onError,
    });
    if (backend.readSetting(PORT_SETTING) !== String(http.port)) backend.writeSetting(PORT_SETTING, String(http.port));
    const server = `https://127.0.0.1:${http.port}`;
    const kubeconfig = adminKubeconfig(options.name, server, pki);
    let closing: Promise<void> | null = null;
    return {
      name: options.name,
      server,
      caCertificate: pki.caCertificate,
      kubeconfig: () => kubeconfig,
      door: http.door,
      setClockOffset: (ms) => {
        clockOffsetMs = ms;
      },
      client: (fieldManager, { shares = false, user = SYSTEM_USER } = {}) =>
        createKubeClient(inProcessTransport({ pipeline, server, user, fieldManager, shares })),
      transport: (fieldManager, user) => inProcessTransport({ pipeline, server, user, fieldManager, shares: false }),
      load: (objects, onStored) => loadObjects(core, objects, onStored),
      close: () => {
        closing ??= (async () => {
          core.ending = true;
          await http.close();
          await Promise.all([
            namespaces.stop(),
            customResources.stop(),
            roles.stop(),
            secrets.stop(),
            addresses.stop(),
            keeper.stop(),
            collector.stop(),
            ...controllers.map((controller) => controller.stop()),
          ]);
          await store.close();
          audit?.close();
        })();
        return closing;
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Roles and bindings every cluster has: created when absent, completed when somebody took something away. */
async function seedPresets(core: Core): Promise<void> {
  await Promise.all(
    presetRoles().map(async (preset) => {
      const kind = core.registry.findKind(preset.apiVersion, preset.kind)!;
      const { name = '', namespace = '' } = preset.metadata;
      const collection = collectionOf(core, kind);
      const key = keyOf(kind, namespace, name);
      const stored = collection.latest(key)?.object;
      if (stored === undefined) {
        await core.store.put(collection, key, presetObject(kind, preset, core.now()));
        return;
      }
      const wanted = reconciled(preset, stored);
      if (wanted === null) return;
      await changeObject({
        core,
        kind,
        namespace,
        name,
        subresource: '',
        user: SYSTEM_USER,
        options: { dryRun: false, fieldManager: SERVER_MANAGER },
        next: () => wanted,
      });
    }),
  );
}

/** Creates what is missing of the given objects, in one batch each; namespaces come before what lives in them. */
async function seed(core: Core, objects: readonly KubeObject[], fieldManager: string): Promise<void> {
  const isNamespace = (object: KubeObject) => object.kind === 'Namespace' && object.apiVersion === 'v1';
  await seedAll(core, objects.filter(isNamespace), fieldManager);
  await seedAll(
    core,
    objects.filter((object) => !isNamespace(object)),
    fieldManager,
  );
}

async function seedAll(core: Core, objects: readonly KubeObject[], fieldManager: string): Promise<void> {
  await Promise.all(
    objects.map(async (object) => {
      const kind = core.registry.findKind(object.apiVersion, object.kind);
      if (kind === undefined) throw new AppError('INVALID', `unknown kind ${object.kind} in ${object.apiVersion}`);
      const namespace = kind.namespaced ? (object.metadata.namespace ?? 'default') : '';
      const key = keyOf(kind, namespace, object.metadata.name ?? '');
      if (collectionOf(core, kind).latest(key) !== undefined) return;
      await createObject(core, kind, namespace, cloneJson(object), { dryRun: false, fieldManager }, SYSTEM_USER);
    }),
  );
}
