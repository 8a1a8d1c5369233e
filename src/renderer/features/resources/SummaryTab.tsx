/** What matters of an object at a glance. Everything shown is text from a cluster and is rendered as text. */
import { useState } from 'react';
import type { ObjectRef } from '#shared/contract/resources.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { useText } from '../../stores/text.ts';
import { Age, Ago, useElapsed } from '../../ui/Age.tsx';
import { Alert, Button } from '../../ui/controls.ts';
import { Facts, Panel } from '../../ui/Page.tsx';
import { type Level, Status } from '../../ui/Status.tsx';
import { type ContainerLine, containersOf, factsOf } from './facts.ts';
import { SecretValues } from './SecretValues.tsx';
import { conditionLevel, conditionsOf } from './summary.ts';

/** What its server prints of an object in a table. */
export interface Printed {
  label: string;
  value: string;
}

export interface SummaryTabProps {
  objectRef: ObjectRef;
  object: KubeObject;
  /** Shown of kinds that we know nothing of ourselves. */
  printed: readonly Printed[];
}

/** kubectl's own notes: the object once more, and shown nowhere by kubectl either. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export function SummaryTab({ objectRef, object, printed }: SummaryTabProps) {
  const { t, dateTime } = useText();
  const { metadata } = object;
  const { [LAST_APPLIED]: _, ...annotations } = metadata.annotations ?? {};
  const known = factsOf(object);
  const conditions = conditionsOf(object);
  const containers = containersOf(object);
  return (
    <div className="stack wide">
      {metadata.deletionTimestamp !== undefined && (
        <Deleting since={metadata.deletionTimestamp} finalizers={metadata.finalizers ?? []} />
      )}
      <Facts
        facts={[
          {
            label: t('resources.detail.created'),
            value:
              metadata.creationTimestamp == null ? null : (
                <>
                  <Ago since={metadata.creationTimestamp} />{' '}
                  <span className="muted">{dateTime(metadata.creationTimestamp)}</span>
                </>
              ),
          },
          ...(typeof object.spec?.replicas === 'number'
            ? [
                {
                  label: t('resources.detail.replicas'),
                  value: `${object.status?.readyReplicas ?? 0}/${object.spec.replicas}`,
                },
              ]
            : []),
          ...(metadata.ownerReferences === undefined
            ? []
            : [
                {
                  label: t('resources.detail.owners'),
                  value: metadata.ownerReferences.map(({ kind, name }) => `${kind} ${name}`).join(', '),
                },
              ]),
          ...(known.length === 0 ? printed : []),
          ...known.map(({ label, value, level, wide }) => ({
            label: t(label),
            value: level === undefined ? value : <Status level={level}>{value}</Status>,
            wide: wide ?? false,
          })),
          { label: t('resources.detail.labels'), value: <Marks pairs={metadata.labels ?? {}} />, wide: true },
          { label: t('resources.detail.annotations'), value: <Marks pairs={annotations} />, wide: true },
        ]}
      />
      {containers.length > 0 && (
        <Panel title={t('resources.detail.containers')} flush>
          <Containers containers={containers} />
        </Panel>
      )}
      {conditions.length > 0 && (
        <Panel title={t('resources.detail.conditions')} flush>
          <table className="plain-table">
            <thead>
              <tr>
                <th>{t('resources.detail.condition.type')}</th>
                <th>{t('resources.detail.condition.status')}</th>
                <th>{t('resources.detail.condition.reason')}</th>
                <th>{t('resources.detail.condition.message')}</th>
                <th>{t('resources.detail.condition.since')}</th>
              </tr>
            </thead>
            <tbody>
              {conditions.map((condition) => (
                <tr key={condition.type}>
                  <td className="nowrap">
                    <Status level={conditionLevel(condition) satisfies Level}>{condition.type}</Status>
                  </td>
                  <td>{condition.status}</td>
                  <td>{condition.reason}</td>
                  <td className="muted">{condition.message}</td>
                  <td>
                    <Age since={condition.since} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Panel>
      )}
      {object.kind === 'Secret' && object.apiVersion === 'v1' ? (
        <SecretValues objectRef={objectRef} object={object} />
      ) : (
        <DataOf object={object} />
      )}
    </div>
  );
}

function Containers({ containers }: { containers: readonly ContainerLine[] }) {
  const { t } = useText();
  const live = containers.some(({ state }) => state !== null);
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>{t('common.name')}</th>
          <th>{t('resources.detail.image')}</th>
          {live && (
            <>
              <th>{t('resources.detail.state')}</th>
              <th className="number">{t('resources.detail.restarts')}</th>
            </>
          )}
          <th>{t('resources.detail.requests')}</th>
          <th>{t('resources.detail.limits')}</th>
        </tr>
      </thead>
      <tbody>
        {containers.map(({ name, image, init, state, requests, limits }) => (
          <tr key={`${init} ${name}`}>
            <td>
              <span className="strong">{name}</span>
              {init && <span className="muted"> {t('resources.detail.init')}</span>}
            </td>
            <td>
              <code>{image}</code>
            </td>
            {live && (
              <>
                <td>
                  {state !== null && <Status level={state.level}>{state.word}</Status>}
                  {state !== null && state.message !== '' && <div className="muted">{state.message}</div>}
                </td>
                <td className="number">{state?.restarts}</td>
              </>
            )}
            <td className="nowrap">{requests}</td>
            <td className="nowrap">{limits}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Deleting({ since, finalizers }: { since: string; finalizers: readonly string[] }) {
  const { t } = useText();
  return (
    <Alert
      type="warning"
      showIcon
      title={t('resources.detail.deleting', {
        age: useElapsed(since),
        finalizers: finalizers.join(', ') || t('common.none'),
      })}
    />
  );
}

const FEW = 8;

/** Labels or annotations; long lists are folded, long values cut with the whole on hover. */
function Marks({ pairs }: { pairs: Record<string, string> }) {
  const { t } = useText();
  const [all, setAll] = useState(false);
  const entries = Object.entries(pairs);
  if (entries.length === 0) return <span className="muted">{t('common.none')}</span>;
  return (
    <div className="marks">
      {(all ? entries : entries.slice(0, FEW)).map(([key, value]) => (
        <code className="mark" key={key} title={`${key}=${value}`}>
          {key}={value}
        </code>
      ))}
      {!all && entries.length > FEW && (
        <Button type="link" onClick={() => setAll(true)}>
          {t('resources.detail.more', { count: entries.length - FEW })}
        </Button>
      )}
    </div>
  );
}

/** Keys and values of a ConfigMap. */
function DataOf({ object }: { object: KubeObject }) {
  const { known } = useText();
  const data: Json = object['data'];
  if (object.kind !== 'ConfigMap' || object.apiVersion !== 'v1' || typeof data !== 'object' || data === null)
    return null;
  return (
    <Panel title={known('columns.data', 'Data')} flush>
      <table className="plain-table">
        <tbody>
          {Object.entries(data as Record<string, unknown>).map(([key, value]) => (
            <tr key={key}>
              <td className="strong">{key}</td>
              <td>
                <pre className="data-value">{String(value)}</pre>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
