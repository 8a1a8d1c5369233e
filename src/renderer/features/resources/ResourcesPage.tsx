/**
 * Objects of one kind over one or several clusters and federations, live (features C3-C9, F7): choose a kind, filter,
 * sort, open. Everything that is chosen is in the address.
 */
import { useCallback, useMemo, useState } from 'react';
import type { Freshness, ViewRow } from '#shared/contract/views.ts';
import type { ResourceRef } from '#shared/kubernetes/types.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { fullName, kindName } from '../../app/kinds.ts';
import { FIRST_RESOURCE, parseResourcesPlace, type ResourcesPlace, resourcesRoute } from '../../app/resource-links.ts';
import { formatRoute, useRoute } from '../../app/router.ts';
import { chooseTargets } from '../../app/shell/TargetBadge.tsx';
import { nameOfTarget, type TargetEntry, useTargetEntries } from '../../app/target-entries.ts';
import { sameTargets, useTargets } from '../../stores/targets.ts';
import { useText } from '../../stores/text.ts';
import { Alert, Button, Popover } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { FilterInput } from '../../ui/FilterInput.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import { AddIcon, HelpIcon, ResourcesIcon } from '../../ui/icons.ts';
import { Page } from '../../ui/Page.tsx';
import { BulkBar, MOST } from './BulkBar.tsx';
import { CreateDrawer } from './CreateDrawer.tsx';
import { gridColumns, groupOf, printedOf } from './columns.tsx';
import { FreshnessBar } from './FreshnessBar.tsx';
import { favouriteKey } from './favourites.store.ts';
import { GroupBar } from './GroupBar.tsx';
import { KindList } from './KindList.tsx';
import { NamespaceSelect } from './NamespaceSelect.tsx';
import { ObjectDrawer } from './ObjectDrawer.tsx';
import { useAdoptedTargets } from './place.ts';
import { SavedViews } from './SavedViews.tsx';
import { FreshnessContext } from './StaleMark.tsx';
import { useTables } from './table.store.ts';
import { isShown } from './tables.ts';
import { useKinds } from './use-kinds.ts';
import { useView } from './use-view.ts';
import { ColumnChoice, ExportMenu, GroupSelect } from './ViewTools.tsx';
import './resources.css';

export default function ResourcesPage() {
  const route = useRoute();
  const entries = useTargetEntries();
  const stored = useTargets((state) => state.targets);
  const place = useMemo(() => parseResourcesPlace(route), [route]);
  const targets = place.targets.length > 0 ? place.targets : stored;
  useAdoptedTargets(place.targets);
  const go = useCallback(
    (change: Partial<ResourcesPlace>) => {
      const hash = resourcesRoute({ targets, ...change }, route);
      window.history.replaceState(null, '', hash);
      window.dispatchEvent(new HashChangeEvent('hashchange'));
    },
    [route, targets],
  );
  const resource: ResourceRef = place.resource ?? FIRST_RESOURCE;
  if (targets.length === 0) return <ChooseFirst entries={entries} />;
  return (
    <div className="resources">
      <KindList
        targets={targets}
        chosen={resource}
        hrefOf={(ref) =>
          resourcesRoute({ targets, resource: ref, filter: '', sort: null, group: '', open: null }, route)
        }
      />
      <Table
        key={`${resource.group}/${resource.resource}`}
        place={{ ...place, targets, resource }}
        entries={entries}
        go={go}
      />
    </div>
  );
}

function ChooseFirst({ entries }: { entries: readonly TargetEntry[] }) {
  const { t } = useText();
  const running = entries.filter(({ enterable, target }) => enterable && target.kind === 'cluster');
  return (
    <Page testId="resources-page" title={t('resources.title')}>
      <EmptyState
        icon={<ResourcesIcon />}
        title={t('resources.choose.title')}
        hint={t(running.length === 0 ? 'resources.choose.noneRunning' : 'resources.choose.hint')}
        action={
          running.length === 0 ? (
            <Button type="primary" href={formatRoute(['clusters'])}>
              {t('resources.choose.toClusters')}
            </Button>
          ) : (
            <Button
              type="primary"
              onClick={() => chooseTargets(running.map(({ target }) => target))}
              data-testid="choose-all-running"
            >
              {t('resources.choose.action')}
            </Button>
          )
        }
      />
    </Page>
  );
}

interface TableProps {
  place: ResourcesPlace & { resource: ResourceRef };
  entries: readonly TargetEntry[];
  go: (change: Partial<ResourcesPlace>) => void;
}

function Table({ place, entries, go }: TableProps) {
  const text = useText();
  const { t } = text;
  const kind = favouriteKey(place.resource);
  const kinds = useKinds(place.targets);
  const title = kindName(place.resource, kinds);
  const fileName = fullName(place.resource);
  const chosen = useTables((tables) => tables.columns[kind]);
  const [creating, setCreating] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const sort = place.sort ?? { column: 'name', descending: false };
  const view = useView({
    targets: place.targets,
    resource: place.resource,
    namespaces: place.namespaces,
    filter: place.filter,
    sort,
    group: place.group,
  });
  const state = view.state;
  const severalTargets = place.targets.length > 1;
  const refused = state?.freshness.some(({ state: each }) => each === 'forbidden') ?? false;
  const namespaced =
    state === null ||
    state.namespaces.length > 0 ||
    state.rows.some((row) => row.namespace !== '') ||
    (refused && kinds.find((each) => favouriteKey(each) === kind)?.namespaced === true);
  const columns = useMemo(
    () => gridColumns(state?.columns ?? [], text, { chosen, severalTargets, namespaced, entries }),
    [state?.columns, text, chosen, severalTargets, namespaced, entries],
  );
  const shown = (state?.columns ?? []).filter((column) => isShown(column, chosen)).map(({ id }) => id);
  const all = useAction(() => engine.views.pick.mutate({ viewId: view.viewId(), limit: MOST }));
  const selection = useMemo(
    () => ({
      keys: selected,
      onChange: setSelected,
      onAll: () =>
        void all.run().then((picked) => picked !== null && setSelected(new Set(picked.value.map(({ key }) => key)))),
    }),
    [selected, all.run],
  );
  const narrowed = place.filter !== '' || place.namespaces.length > 0;
  const unanswered = refused || (state?.freshness.some(({ state: each }) => each === 'disconnected') ?? false);
  const failed =
    state !== null && state.freshness.length > 0 && state.freshness.every(({ state: each }) => silent.has(each));
  const notServed = failed && state?.freshness.every(({ state: each }) => each === 'unknownResource');
  const settled = state?.freshness.every(({ state: each }) => each !== 'connecting' && each !== 'catchingUp') ?? false;
  const openRow = useCallback(
    (row: ViewRow) => go({ open: { target: row.target, namespace: row.namespace, name: row.name } }),
    [go],
  );
  const opened =
    place.open === null
      ? undefined
      : state?.rows.find(
          (row) =>
            row.name === place.open?.name &&
            row.namespace === place.open.namespace &&
            sameTargets([row.target], [place.open.target]),
        );
  return (
    <Page
      testId="resources-page"
      title={title}
      aside={
        <>
          {place.resource.group !== '' && (
            <span className="muted">{`${place.resource.group}/${place.resource.version}`}</span>
          )}
          {state !== null && (
            <span className="muted nowrap" data-testid="view-total" data-total={state.total}>
              {t('resources.total', { count: state.total })}
            </span>
          )}
        </>
      }
      body="fill"
      toolbar={
        <>
          <FilterInput
            value={place.filter}
            onChange={(filter) => go({ filter })}
            placeholder={t('resources.filter')}
            suffix={<FilterHelp />}
          />
          {namespaced && (
            <NamespaceSelect
              value={place.namespaces}
              known={state?.namespaces ?? []}
              placeholder={t(refused ? 'resources.nameNamespace' : 'resources.allNamespaces')}
              onChange={(namespaces) => go({ namespaces })}
            />
          )}
          <GroupSelect
            columns={state?.columns ?? []}
            value={place.group}
            severalTargets={severalTargets}
            namespaced={namespaced}
            onChange={(group) => go({ group })}
          />
          <ColumnChoice kind={kind} columns={state?.columns ?? []} />
          <SavedViews />
          <ExportMenu viewId={view.viewId} shown={shown} fileName={fileName} />
          <Button icon={<AddIcon />} onClick={() => setCreating(true)} data-testid="create">
            {t('common.create')}
          </Button>
          <span className="grow" />
          {state !== null && <FreshnessBar freshness={state.freshness} entries={entries} />}
        </>
      }
    >
      {!view.connected && state !== null && <Alert type="warning" showIcon title={t('resources.lost')} />}
      {view.error !== null && <ErrorNotice error={view.error} onRetry={view.again} />}
      {failed &&
        state?.freshness.map(
          (each) =>
            each.reason !== null &&
            // A kind that a cluster does not have is no fault of it.
            each.state !== 'unknownResource' && (
              <ErrorNotice
                key={each.target.id}
                error={{ ...each.reason, cluster: nameOfTarget(entries, each.target) }}
                level="warning"
              />
            ),
        )}
      <BulkBar
        viewId={view.viewId}
        resource={place.resource}
        kind={title}
        keys={selected}
        total={state?.total ?? 0}
        entries={entries}
        onSelection={setSelected}
        exportMenu={
          <ExportMenu
            viewId={view.viewId}
            keys={[...selected]}
            shown={shown}
            fileName={fileName}
            label={t('resources.export.title')}
          />
        }
      />
      {state?.groups != null && (
        <GroupBar
          groups={state.groups}
          group={place.group}
          filter={place.filter}
          entries={entries}
          onFilter={(filter) => go({ filter })}
        />
      )}
      {state === null ? (
        view.error === null && <Loading rows={12} />
      ) : (
        <FreshnessContext value={state.freshness}>
          <DataGrid
            label={title}
            testId="resource-grid"
            columns={columns}
            rows={state.rows}
            rowKey={(row) => row.key}
            offset={state.offset}
            total={state.total}
            onRange={view.onRange}
            sort={sort}
            onSort={(next) => go({ sort: next })}
            onOpen={openRow}
            openKey={opened?.key}
            selection={selection}
            groupOf={groupOf(state.columns, place.group)}
            empty={
              notServed ? (
                <EmptyState
                  title={t('resources.notServed.title')}
                  hint={t('resources.notServed.hint', { kind: fileName })}
                />
              ) : failed ? (
                <EmptyState
                  title={t('resources.allFailed.title')}
                  hint={t(refused && namespaced ? 'resources.allFailed.narrow' : 'resources.allFailed.hint')}
                />
              ) : !settled ? (
                <Loading rows={8} />
              ) : narrowed ? (
                <EmptyState
                  title={t('resources.noneMatch.title')}
                  hint={t('resources.noneMatch.hint')}
                  action={
                    <Button onClick={() => go({ filter: '', namespaces: [] })}>{t('resources.noneMatch.clear')}</Button>
                  }
                />
              ) : (
                <EmptyState
                  title={t('resources.empty.title')}
                  hint={t(unanswered ? 'resources.allFailed.inSome' : 'resources.empty.hint')}
                />
              )
            }
          />
        </FreshnessContext>
      )}
      <CreateDrawer open={creating} targets={place.targets} entries={entries} onClose={() => setCreating(false)} />
      <ObjectDrawer
        open={place.open}
        resource={place.resource}
        kind={title}
        printed={opened === undefined ? [] : printedOf(state?.columns ?? [], opened, text)}
        name={place.open === null ? '' : nameOfTarget(entries, place.open.target)}
        onClose={() => go({ open: null })}
      />
    </Page>
  );
}

/** States of a target from which no rows come. */
const silent: ReadonlySet<Freshness['state']> = new Set(['disconnected', 'forbidden', 'unknownResource']);

function FilterHelp() {
  const { t } = useText();
  return (
    <Popover
      trigger={['click', 'hover']}
      title={t('resources.filterHelp.title')}
      content={
        <dl className="filter-help">
          <dt>
            <code>nginx shop</code>
          </dt>
          <dd>{t('resources.filterHelp.words')}</dd>
          <dt>
            <code>label:app=web</code>
          </dt>
          <dd>{t('resources.filterHelp.label')}</dd>
          <dt>
            <code>status:crash</code>
          </dt>
          <dd>{t('resources.filterHelp.status')}</dd>
          <dt>
            <code>ns:shop cluster:eu node:w-3</code>
          </dt>
          <dd>{t('resources.filterHelp.field')}</dd>
          <dt>
            <code>{'restarts>5 age<2h usedcpu>500m'}</code>
          </dt>
          <dd>{t('resources.filterHelp.compare')}</dd>
          <dt>
            <code>-status:running web|api</code>
          </dt>
          <dd>{t('resources.filterHelp.not')}</dd>
        </dl>
      }
    >
      <button type="button" className="icon-button" aria-label={t('resources.filterHelp.title')}>
        <HelpIcon />
      </button>
    </Popover>
  );
}
