/** What can be done with an object; every question names the cluster, deleting asks for the name where much is lost. */
import { useState } from 'react';
import type { ObjectRef } from '#shared/contract/resources.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { diagnosisRoute, isDiagnosable } from '../../app/diagnosis-links.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { Button, InputNumber } from '../../ui/controls.ts';
import { Field } from '../../ui/Field.tsx';
import { DiagnosisIcon } from '../../ui/icons.ts';
import { useNotify } from '../../ui/notify.ts';
import { BeforeDeletion } from '../federations/whatif/BeforeDeletion.tsx';
import { canRestart, canScale, restarted } from './summary.ts';

export interface ObjectActionsProps {
  objectRef: ObjectRef;
  object: KubeObject;
  /** Name of the cluster. */
  name: string;
  onChanged: () => void;
  onGone: () => void;
}

export function ObjectActions({ objectRef, object, name, onChanged, onGone }: ObjectActionsProps) {
  const { t } = useText();
  const notify = useNotify();
  const [asking, setAsking] = useState<'scale' | 'restart' | 'delete' | null>(null);
  const [replicas, setReplicas] = useState<number | null>(null);
  const scale = useAction((count: number) => engine.resources.scale.mutate({ ref: objectRef, replicas: count }));
  const restart = useAction(async () => {
    // Read again: what is on the screen may be seconds old, and an old version would be refused.
    const current = await engine.resources.get.query(objectRef);
    await engine.resources.replace.mutate({ ref: objectRef, object: restarted(current, new Date().toISOString()) });
  });
  const remove = useAction(() => engine.resources.remove.mutate(objectRef));
  const close = () => {
    setAsking(null);
    for (const action of [scale, restart, remove]) action.reset();
  };
  const words = { kind: object.kind, name: objectRef.name, cluster: name, namespace: objectRef.namespace };
  const drastic = object.kind === 'Namespace' || object.kind === 'CustomResourceDefinition' || object.kind === 'Node';
  return (
    <div className="row wrap">
      {objectRef.target.kind === 'cluster' && isDiagnosable(object.kind) && (
        <Button
          icon={<DiagnosisIcon />}
          href={diagnosisRoute({
            clusterId: objectRef.target.id,
            kind: object.kind,
            namespace: objectRef.namespace,
            name: objectRef.name,
          })}
          data-testid="action-diagnose"
        >
          {t('diagnosis.diagnose')}
        </Button>
      )}
      {canScale(objectRef.resource) && (
        <Button
          onClick={() => {
            setReplicas(typeof object.spec?.replicas === 'number' ? object.spec.replicas : null);
            setAsking('scale');
          }}
          data-testid="action-scale"
        >
          {t('resources.actions.scale')}
        </Button>
      )}
      {canRestart(objectRef.resource) && (
        <Button onClick={() => setAsking('restart')} data-testid="action-restart">
          {t('resources.actions.restart')}
        </Button>
      )}
      <Button danger onClick={() => setAsking('delete')} data-testid="action-delete">
        {t('resources.actions.delete')}
      </Button>
      <Confirm
        open={asking === 'scale'}
        title={t('resources.actions.scaleTitle', words)}
        action={t('resources.actions.scale')}
        pending={scale.pending}
        error={scale.error}
        disabled={replicas === null || replicas === object.spec?.replicas}
        onCancel={close}
        onConfirm={() =>
          replicas !== null &&
          void scale.run(replicas).then((done) => {
            if (done === null) return;
            close();
            notify.success(t('resources.actions.scaled', { name: objectRef.name, replicas }));
            onChanged();
          })
        }
      >
        <Field label={t('resources.actions.replicas')}>
          <InputNumber
            autoFocus
            min={0}
            max={100_000}
            precision={0}
            value={replicas}
            onChange={setReplicas}
            data-testid="scale-replicas"
          />
        </Field>
      </Confirm>
      <Confirm
        open={asking === 'restart'}
        title={t('resources.actions.restartTitle', words)}
        action={t('resources.actions.restart')}
        pending={restart.pending}
        error={restart.error}
        onCancel={close}
        onConfirm={() =>
          void restart.run().then((done) => {
            if (done === null) return;
            close();
            notify.success(t('resources.actions.restarted', words));
            onChanged();
          })
        }
      >
        {t('resources.actions.restartText')}
      </Confirm>
      <Confirm
        open={asking === 'delete'}
        title={t('resources.actions.deleteTitle', words)}
        action={t('resources.actions.delete')}
        danger
        {...(drastic ? { typeToConfirm: objectRef.name } : {})}
        pending={remove.pending}
        error={remove.error}
        onCancel={close}
        onConfirm={() =>
          void remove.run().then((done) => {
            if (done === null) return;
            close();
            notify.success(t('resources.actions.deleted', words));
            onGone();
          })
        }
      >
        <div className="stack">
          <span>
            {object.kind === 'Namespace'
              ? t('resources.actions.deleteNamespace')
              : objectRef.namespace === ''
                ? t('resources.actions.deleteTextCluster')
                : t('resources.actions.deleteText', words)}
          </span>
          {asking === 'delete' && objectRef.target.kind === 'federation' && (
            <BeforeDeletion
              federationId={objectRef.target.id}
              object={{
                apiVersion: object.apiVersion,
                kind: object.kind,
                namespace: objectRef.namespace,
                name: objectRef.name,
              }}
            />
          )}
        </div>
      </Confirm>
    </div>
  );
}
