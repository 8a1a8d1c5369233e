/** One object in full: summary, YAML, events and actions, always under the name of its cluster. */
import { useState } from 'react';
import type { ObjectRef } from '#shared/contract/resources.ts';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { engine } from '../../app/engine/client.ts';
import { useRead } from '../../app/engine/hooks.ts';
import type { OpenObject } from '../../app/resource-links.ts';
import { targetKey } from '../../stores/targets.ts';
import { useText } from '../../stores/text.ts';
import { Drawer, Tabs } from '../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { TargetName } from '../../ui/Status.tsx';
import { EventsTab } from './EventsTab.tsx';
import { ObjectActions } from './ObjectActions.tsx';
import { type Printed, SummaryTab } from './SummaryTab.tsx';
import { YamlTab } from './YamlTab.tsx';

/** The object is read again while it is looked at; the table beside it is live, the detail may lag a little. */
const READ_AGAIN_MS = 5_000;

export interface ObjectDrawerProps {
  open: OpenObject | null;
  resource: ResourceRef;
  /** What the kind is called. */
  kind: string;
  /** Name of the cluster or federation. */
  name: string;
  printed: readonly Printed[];
  onClose: () => void;
}

export function ObjectDrawer({ open, resource, kind, name, printed, onClose }: ObjectDrawerProps) {
  const [busy, setBusy] = useState(false);
  return (
    <Drawer
      open={open !== null}
      onClose={onClose}
      // While a text is being edited a stray click beside the drawer must not lose it.
      mask={{ closable: !busy }}
      keyboard={!busy}
      size={840}
      destroyOnHidden
      data-testid="object-drawer"
      title={
        open !== null && (
          <span className="row">
            <TargetName name={name} kind={open.target.kind} />
            <span className="muted nowrap">{kind}</span>
            <span className="ellipsis">{open.namespace === '' ? open.name : `${open.namespace}/${open.name}`}</span>
          </span>
        )
      }
    >
      {open !== null && (
        <ObjectDetail
          key={`${targetKey(open.target)}/${resource.resource}/${open.namespace}/${open.name}`}
          objectRef={{ target: open.target, resource, namespace: open.namespace, name: open.name }}
          name={name}
          printed={printed}
          onBusy={setBusy}
          onGone={onClose}
        />
      )}
    </Drawer>
  );
}

interface DetailProps {
  objectRef: ObjectRef;
  name: string;
  printed: readonly Printed[];
  onBusy: (busy: boolean) => void;
  onGone: () => void;
}

function ObjectDetail({ objectRef, name, printed, onBusy, onGone }: DetailProps) {
  const { t } = useText();
  const [editing, setEditing] = useState(false);
  const read = useRead<KubeObject>(
    ['object', objectRef],
    (signal) => engine.resources.get.query(objectRef, { signal }),
    editing ? false : READ_AGAIN_MS,
  );
  const object = read.data;
  if (object === undefined)
    return read.error === null ? <Loading rows={10} /> : <ErrorNotice error={read.error} onRetry={read.again} />;
  return (
    <div className="object-detail">
      {read.error !== null && <ErrorNotice error={read.error} level="warning" onRetry={read.again} />}
      <ObjectActions objectRef={objectRef} object={object} name={name} onChanged={read.again} onGone={onGone} />
      <Tabs
        className="object-tabs"
        items={[
          {
            key: 'summary',
            label: <span data-testid="object-summary">{t('resources.tabs.summary')}</span>,
            children: <SummaryTab objectRef={objectRef} object={object} printed={printed} />,
          },
          {
            key: 'yaml',
            label: <span data-testid="object-yaml">{t('resources.tabs.yaml')}</span>,
            children: (
              <YamlTab
                objectRef={objectRef}
                object={object}
                name={name}
                onEditing={(busy) => {
                  setEditing(busy);
                  onBusy(busy);
                }}
                onSaved={read.again}
              />
            ),
          },
          {
            key: 'events',
            label: <span data-testid="object-events">{t('resources.tabs.events')}</span>,
            children: <EventsTab objectRef={objectRef} />,
          },
        ]}
      />
    </div>
  );
}
