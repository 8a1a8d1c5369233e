/** One distributed workload: its scheduling, what each cluster made of it, and what can be done with it (U8, U11, U17). */
import { useState } from 'react';
import type { FederatedObjectName } from '#shared/contract/federation-decisions.ts';
import type { FederatedWorkload, Federation } from '#shared/contract/federations.ts';
import type { ObjectRef } from '#shared/contract/resources.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useKinds } from '../../app/engine/kinds.ts';
import { resourcesRoute } from '../../app/resource-links.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { Alert, Button, Drawer } from '../../ui/controls.ts';
import { useNotify } from '../../ui/notify.ts';
import { Facts, Panel } from '../../ui/Page.tsx';
import { Status } from '../../ui/Status.tsx';
import { policyRef, templateRef } from './access.ts';
import { expectedReplicas, isUnclaimed, readyLevel, scheduleLevel } from './levels.ts';
import { PerCluster } from './PerCluster.tsx';
import { policyRoute } from './policies/ref.ts';
import { ReleaseDialog } from './promotion/ReleaseDialog.tsx';
import { ScheduleStatus } from './ScheduleStatus.tsx';
import { ScaleDialog, WeightsDialog } from './WorkloadDialogs.tsx';
import { Before } from './whatif/Before.tsx';
import { whyRoute } from './why/route.ts';

export function WorkloadDrawer({
  federation,
  workload,
  onClose,
}: {
  federation: Federation;
  workload: FederatedWorkload | undefined;
  onClose: () => void;
}) {
  return (
    <Drawer
      open={workload !== undefined}
      onClose={onClose}
      size={860}
      destroyOnHidden
      title={
        workload !== undefined &&
        `${workload.kind} ${workload.namespace === '' ? '' : `${workload.namespace}/`}${workload.name}`
      }
      data-testid="workload-drawer"
    >
      {workload !== undefined && (
        <Detail federation={federation} workload={workload} onGone={onClose} key={workload.uid} />
      )}
    </Drawer>
  );
}

function objectName({ apiVersion, kind, namespace, name }: FederatedWorkload): FederatedObjectName {
  return { apiVersion, kind, namespace, name };
}

/** Address of an object on the Resources page. */
function linkTo(ref: ObjectRef): string {
  return resourcesRoute({
    targets: [ref.target],
    resource: ref.resource,
    open: { target: ref.target, namespace: ref.namespace, name: ref.name },
  });
}

function Detail({
  federation,
  workload,
  onGone,
}: {
  federation: Federation;
  workload: FederatedWorkload;
  onGone: () => void;
}) {
  const { t } = useText();
  const notify = useNotify();
  const kinds = useKinds({ kind: 'federation', id: federation.id }).data;
  const [dialog, setDialog] = useState<'scale' | 'weights' | 'deletePolicy' | 'deleteTemplate' | 'release' | null>(
    null,
  );
  const template = templateRef(federation, workload, kinds);
  const policy = workload.policy === null ? undefined : policyRef(federation, workload.policy);
  const policyPage =
    policy === undefined
      ? undefined
      : policyRoute(federation.id, {
          kind: policy.namespace === '' ? 'ClusterPropagationPolicy' : 'PropagationPolicy',
          namespace: policy.namespace,
          name: policy.name,
        });
  const remove = useAction((ref: ObjectRef) => engine.resources.remove.mutate(ref));
  const close = () => {
    setDialog(null);
    remove.reset();
  };
  const inMember = (cluster: string): string | undefined => {
    const member = federation.members.find(({ name }) => name === cluster);
    if (member === undefined || template === undefined) return undefined;
    return linkTo({ ...template, target: { kind: 'cluster', id: member.clusterId } });
  };
  return (
    <div className="stack wide">
      <div className="row wrap">
        {template !== undefined && (
          <>
            {workload.replicas !== null && (
              <Button onClick={() => setDialog('scale')} data-testid="workload-scale">
                {t('federations.workload.scale')}
              </Button>
            )}
            {policy !== undefined && (
              <>
                <Button onClick={() => setDialog('weights')} data-testid="workload-weights">
                  {t('federations.workload.weights')}
                </Button>
                <Button href={policyPage} data-testid="workload-policy">
                  {t('federations.workload.openPolicy')}
                </Button>
              </>
            )}
            <Button href={whyRoute(federation.id, workload)} data-testid="workload-why">
              {t('why.open')}
            </Button>
            <Button href={linkTo(template)}>{t('federations.workload.openTemplate')}</Button>
            {workload.clusters.length > 0 && workload.category !== 'namespaces' && workload.follows.length === 0 && (
              <Button onClick={() => setDialog('release')} data-testid="workload-release">
                {t('promotion.release')}
              </Button>
            )}
            {policy !== undefined && (
              <Button danger onClick={() => setDialog('deletePolicy')} data-testid="workload-delete-policy">
                {t('federations.workload.deletePolicy')}
              </Button>
            )}
            <Button danger onClick={() => setDialog('deleteTemplate')} data-testid="workload-delete">
              {t('federations.workload.deleteTemplate')}
            </Button>
          </>
        )}
      </div>
      {workload.follows.length > 0 && (
        <Alert type="info" showIcon title={t('why.because.required', { names: workload.follows.join(', ') })} />
      )}
      {isUnclaimed(workload) && (
        <Alert
          type="info"
          showIcon
          title={t('federations.workload.noPolicyTitle')}
          description={t('federations.workload.noPolicyHint')}
        />
      )}
      {scheduleLevel(workload) === 'error' && (
        <Alert
          type="error"
          showIcon
          title={t('federations.workload.schedulingFailed')}
          description={workload.scheduled?.message}
          data-testid="scheduling-failed"
        />
      )}
      <Facts
        facts={[
          { label: t('federations.workloads.columns.scheduled'), value: <ScheduleStatus workload={workload} /> },
          { label: t('federations.workloads.columns.policy'), value: workload.policy },
          ...(workload.replicas === null
            ? []
            : [
                {
                  label: t('federations.workloads.columns.ready'),
                  value: (
                    <Status
                      level={readyLevel(workload)}
                    >{`${workload.readyReplicas ?? 0}/${expectedReplicas(workload)}`}</Status>
                  ),
                },
              ]),
        ]}
      />
      <Panel title={t('federations.workload.perCluster')} flush>
        {workload.clusters.length === 0 ? (
          <p className="muted panel-body">{t('federations.workload.none')}</p>
        ) : (
          <PerCluster workload={workload} linkOf={inMember} />
        )}
      </Panel>
      {dialog === 'scale' && template !== undefined && (
        <ScaleDialog federation={federation} workload={workload} template={template} policy={policy} onClose={close} />
      )}
      {dialog === 'weights' && template !== undefined && policy !== undefined && policyPage !== undefined && (
        <WeightsDialog
          federation={federation}
          workload={workload}
          template={template}
          policy={policy}
          policyPage={policyPage}
          onClose={close}
        />
      )}
      {dialog === 'release' && (
        <ReleaseDialog federation={federation} workload={workload} onClose={close} onGone={onGone} />
      )}
      <Confirm
        open={dialog === 'deletePolicy' && policy !== undefined}
        title={t('federations.workload.deletePolicyTitle', { name: workload.policy ?? '' })}
        action={t('federations.workload.deletePolicy')}
        danger
        pending={remove.pending}
        error={remove.error}
        onCancel={close}
        onConfirm={() => policy !== undefined && void remove.run(policy).then((done) => done !== null && close())}
      >
        <div className="stack wide">
          <span>{t('federations.workload.deletePolicyText')}</span>
          <Before
            federation={federation}
            changes={
              dialog === 'deletePolicy' && workload.policy !== null
                ? [{ kind: 'deletePolicy', key: workload.policy }]
                : null
            }
          />
        </div>
      </Confirm>
      <Confirm
        open={dialog === 'deleteTemplate' && template !== undefined}
        title={t('federations.workload.deleteTemplateTitle', {
          kind: workload.kind,
          name: workload.name,
          federation: federation.name,
        })}
        action={t('federations.workload.deleteTemplate')}
        danger
        pending={remove.pending}
        error={remove.error}
        onCancel={close}
        onConfirm={() =>
          template !== undefined &&
          void remove.run(template).then((done) => {
            if (done === null) return;
            close();
            notify.success(t('federations.workload.deleted', { name: workload.name }));
            onGone();
          })
        }
      >
        <div className="stack wide">
          {workload.clusters.length === 0 ? (
            <span>{t('federations.workload.deleteTemplateNowhere')}</span>
          ) : (
            <Before
              federation={federation}
              changes={dialog === 'deleteTemplate' ? [{ kind: 'deleteTemplate', object: objectName(workload) }] : null}
            />
          )}
          {workload.policy !== null && (
            <span className="muted">{t('federations.workload.deleteTemplatePolicy', { name: workload.policy })}</span>
          )}
        </div>
      </Confirm>
    </div>
  );
}
