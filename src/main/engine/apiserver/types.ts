/**
 * Contracts of the embedded API server library: what a caller may ask of it (options, server), and what a kind has to
 * say about itself (KindDefinition). Adding a kind touches one file under kinds/.
 */
import type { KubeObject, ResourceInfo } from '#shared/kubernetes/types.ts';
import type { KubeClient, KubeTransport } from '../kube/types.ts';
import type { PodSecurityExemptions } from './admission/pod-security/plugin.ts';
import type { AuditSink } from './audit/auditor.ts';
import type { AggregatedApi, AggregatedResource, ObjectProxy, PodBackend } from './backend.ts';
import type { Chance } from './chance.ts';
import type { Conversion } from './crd/conversion.ts';
import type { FrontDoor } from './http/door.ts';

export interface ApiServerOptions {
  /** Folder for state.db and pki/ (created with mode 0700); null keeps everything in memory. */
  dir: string | null;
  /** Name used for context, cluster and user in the kubeconfigs. */
  name: string;
  /**
   * Port on 127.0.0.1. Undefined: the port of the last start of this folder when it is free (kubeconfigs handed out
   * stay valid), else any free one. A given port that is taken fails with AppError PORT_TAKEN.
   */
  port?: number;
  /** gitVersion answered by /version. */
  version?: string;
  /** CustomResourceDefinitions installed at start and kept up to date with what is given here. */
  customResources?: KubeObject[];
  /** Run after the default chain. */
  admission?: AdmissionPlugin[];
  /**
   * Plugins of the default chain to leave out, by their names in kube-apiserver. A federation control plane leaves out
   * ServiceAccount and StorageObjectInUseProtection: what it stores are templates.
   */
  disableAdmission?: readonly string[];
  /**
   * Controllers to run beside the ones every server has, as kube-controller-manager's --controllers names them: `*`,
   * `resourcequota-controller`, `-ttl-after-finished-controller`. Default: none, which is a bare API server.
   */
  controllers?: readonly string[];
  /**
   * How long a namespace that was deleted is left alone before it is emptied; default 0. In a cluster it is
   * NAMESPACE_DELAY_MS: other servers may still be creating something in it.
   */
  namespaceDelayMs?: number;
  /** How long events are kept after their last write; default 3600. */
  eventTtlSeconds?: number;
  /** Audit events: where they go, and how much of which request. */
  audit?: AuditOptions;
  /** Tokens known from the start, as kube-apiserver's --token-auth-file gives them. */
  tokens?: readonly { token: string; user: UserInfo }[];
  /** Who and what PodSecurity leaves alone. */
  podSecurityExemptions?: PodSecurityExemptions;
  /** Draws the lots of what the server leaves to chance; default: real chance. */
  chance?: Chance;
  /** Objects created at start when absent (default namespaces exist anyway). */
  seed?: KubeObject[];
  /** What runs pods. Without it logs, exec and the like answer as a server that cannot reach its nodes. */
  pods?: PodBackend;
  /** Resources of custom kinds whose objects stand for something that HTTP can be passed on to. */
  proxies?: readonly ObjectProxy[];
  /** By `group/resource`: what tables of custom kinds show, where a definition has no way to say it. */
  tables?: Readonly<Record<string, TableColumn[]>>;
  /** API groups that the host answers for. */
  aggregated?: readonly AggregatedApi[];
  /** Reports what nobody waits for; never throws. */
  onError?: (error: unknown, where: string) => void;
}

export interface AuditOptions {
  /** Policy of audit.k8s.io/v1 (YAML or JSON text). Default: metadata of all requests but discovery and health. */
  policy?: string;
  /** File for lines of JSON. */
  log?: string;
  /** Called with every event; must not throw, and not keep requests waiting. */
  sink?: AuditSink;
}

export interface ApiServer {
  readonly name: string;
  /** https://127.0.0.1:<port> */
  readonly server: string;
  /** CA certificate, PEM. */
  readonly caCertificate: string;
  /** Kubeconfig (YAML) of the administrator: client certificate, group system:masters. */
  kubeconfig(): string;
  /**
   * In-process client that skips network and serialisation but not admission, validation or watch; acts as
   * system:masters unless told otherwise. One that `shares` is handed the server's own objects and hands over its own for good: nothing that it
   * gets or gives may ever be changed.
   */
  client(fieldManager: string, options?: { shares?: boolean; user?: UserInfo }): KubeClient;
  /** Single requests as the user makes them, in-process; errors are answers. */
  transport(fieldManager: string, user: UserInfo): KubeTransport;
  /** Stores prepared objects past admission, defaults and validation (load.ts); resolves with how many. `onStored`: some are. */
  load(objects: Iterable<KubeObject>, onStored?: () => void): Promise<number>;
  /** For staging outages on the port. */
  readonly door: FrontDoor;
  /** Sets the server's clock off this machine's by so many milliseconds: Date headers and creation times follow it. */
  setClockOffset(ms: number): void;
  /** Waits for acknowledged writes to be on disk, ends watches, frees the port. */
  close(): Promise<void>;
}

export interface UserInfo {
  username: string;
  uid?: string;
  groups: string[];
  extra?: Record<string, string[]>;
}

export interface AdmissionRequest {
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  kind: KindDefinition;
  subresource: string;
  namespace: string;
  /** Empty where the request names no object: a create by prefix, the deletion of a collection. */
  name: string;
  /** What is asked to be stored; a mutating plugin changes it in place. Null on DELETE. */
  object: KubeObject | null;
  old: KubeObject | null;
  /** Kind of the objects where it is not that of the resource: `Scale`, `Binding`, `PodExecOptions`. */
  objectKind?: Pick<KindDefinition, 'group' | 'version' | 'kind'>;
  user: UserInfo;
  dryRun: boolean;
  /** Fields of the CreateOptions, UpdateOptions or DeleteOptions that the caller named; absent for the server's own writes. */
  options?: Record<string, unknown> | undefined;
  notes: AdmissionNotes;
}

/** What admission says besides yes and no; lives as long as the request. */
export interface AdmissionNotes {
  /** Texts for Warning headers. */
  warnings: string[];
  /** Annotations of the audit event, `<plugin domain>/<name>`. */
  annotations: Record<string, string>;
}

/** In-process admission. Refuse by throwing ApiError (`refuse()` and `invalid()` in status.ts make them). */
export interface AdmissionPlugin {
  name: string;
  matches(kind: KindDefinition, operation: AdmissionRequest['operation'], subresource: string): boolean;
  mutate?(request: AdmissionRequest): void | Promise<void>;
  validate?(request: AdmissionRequest): void | Promise<void>;
  /** Runs last of all, in the same turn as the write it belongs to: what it stores is stored with it or not at all. */
  commit?(request: AdmissionRequest): void;
}

/** One cause of a 422, as field.Error prints it: `spec.replicas: Invalid value: -1: must be ...`. */
export interface FieldError {
  type:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueDuplicate'
    | 'FieldValueForbidden'
    | 'FieldValueNotFound'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid'
    | 'InternalError';
  field: string;
  /** Without the field: `Invalid value: -1: must be greater than or equal to 0`. */
  message: string;
}

/** meta/v1 TableColumnDefinition with the function that fills it. */
export interface TableColumn {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  format?: string;
  description?: string;
  priority?: number;
  cell(object: KubeObject, now: number): string | number | boolean | null;
}

export interface KindDefinition extends ResourceInfo {
  /** Name of the list kind, `DeploymentList`. */
  listKind: string;
  /**
   * `spec`: generation starts at 1 and grows when anything outside metadata and status changes; `updates`: it grows alike,
   * but a new object has none; `none`: no generation.
   */
  generation: 'spec' | 'updates' | 'none';
  /** Its generation counts every write that has an empty list or map in it, though nothing of that is stored. */
  countsEmpty?: true;
  hasStatus: boolean;
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  /** Goes with every answer about a version that should not be used any more. */
  deprecation?: string;
  /** Texts for Warning headers of a create or update. */
  warnings?(object: KubeObject, old: KubeObject | null): string[];
  /** Fills fields of a new object from annotations that are older than they, in place. The advice that goes with it. */
  takeOver?: (object: KubeObject) => string[];
  /** Beyond metadata.name and metadata.namespace. */
  selectableFields?: Record<string, (object: KubeObject) => string>;
  /**
   * Fills what the real API fills; in place; must be idempotent. What `object` shares with `known`, a stored object of the
   * kind, is known to be complete.
   */
  defaults?(object: KubeObject, subresource?: string, known?: KubeObject | null): void;
  /** False: `defaults` only brings the object into its stored form. What it adds is put in order by doing it again. */
  addsDefaults?: boolean;
  /** `old` is null on creation. `subresource` is the one an update came through, if any. */
  validate?(object: KubeObject, old: KubeObject | null, subresource?: string): FieldError[];
  /** Create and update strategy beyond defaults: clear status, allocate, keep immutable fields. In place. */
  prepare?(object: KubeObject, old: KubeObject | null): void;
  /** Drops what is behind gates that are off by default: who wrote it owns it all the same. In place, like `prepare`. */
  dropGated?(object: KubeObject): void;
  /** Drops what counts as a change of the object nevertheless. */
  dropLate?(object: KubeObject, old: KubeObject | null): void;
  /** Without the Name column that every table starts with, and with Age where the kind shows it. */
  columns?: TableColumn[];
  /** What the Name column shows when it is more than the name (`standard (default)`). */
  nameCell?(object: KubeObject): string;
  /** The order of rows in a table, where it is not that of the list. */
  rowOrder?(a: KubeObject, b: KubeObject): number;
  /** Parts that no writer owns, since the server alone decides on them. */
  unowned?: readonly string[];
  /** A replacement has to say which version it replaces. */
  needsVersion?: boolean;
  /** A replacement of what there is not makes it. */
  madeByUpdate?: boolean;
  /** Definition name in the OpenAPI documents: `io.k8s.api.apps.v1.Deployment`. */
  schema?: string;
  /** Served by the host (see AggregatedApi); nothing of it is stored. */
  aggregated?: AggregatedResource;
  /** Custom resources only: what the CRD says. */
  custom?: {
    crd: KubeObject;
    structuralSchema: unknown;
    preserveUnknown: boolean;
    /** The version objects are kept in. */
    storageVersion: string;
    /** Null: between versions only `apiVersion` changes, and what the other one does not know is left out. */
    conversion: Conversion | null;
    /** Objects of older revisions were stored under another schema: what that left out is filled in as they are read. */
    since: number;
    /** The kind in another of its versions, served or not; undefined when there is no such version. */
    inVersion(version: string): KindDefinition | undefined;
  };
}

/** All kinds a server knows now; CRDs come and go. Versions of one kind share one storage under the storage version. */
export interface KindRegistry {
  /** Bumped whenever the set changes; discovery and OpenAPI caches hang on it. */
  readonly revision: number;
  find(group: string, version: string, resource: string): KindDefinition | undefined;
  findKind(apiVersion: string, kind: string): KindDefinition | undefined;
  all(): readonly KindDefinition[];
}
