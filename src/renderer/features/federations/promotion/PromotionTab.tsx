/** What members run that the federation could take over: looked for, chosen one by one or in bulk, and previewed (U16). */
import { useMemo, useState } from 'react';
import type { Candidate } from '#shared/contract/federation-promotion.ts';
import type { Federation } from '#shared/contract/federations.ts';
import { type FederatedCategory, federatedCategories } from '#shared/federated-categories.ts';
import { engine } from '../../../app/engine/client.ts';
import { useRead } from '../../../app/engine/hooks.ts';
import { changeQuery, useRoute } from '../../../app/router.ts';
import { useHueOf } from '../../../stores/hues.ts';
import { useText } from '../../../stores/text.ts';
import { Button, Segmented } from '../../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../../ui/Feedback.tsx';
import { FilterInput } from '../../../ui/FilterInput.tsx';
import { DataGrid } from '../../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../../ui/grid/types.ts';
import { ReloadIcon } from '../../../ui/icons.ts';
import { Name } from '../../../ui/Name.tsx';
import { type Level, Status } from '../../../ui/Status.tsx';
import { ClusterShares } from '../ClusterShares.tsx';
import { PromotionDrawer } from './PromotionDrawer.tsx';

type State = 'free' | 'here' | 'other' | 'template';
const levels: Record<State, Level> = { free: 'ok', here: 'none', other: 'warning', template: 'warning' };

/** Namespaces have no copies of their own to be taken. */
const categories = federatedCategories.filter((value) => value !== 'namespaces');

export function candidateKey({ object }: Candidate): string {
  return `${object.apiVersion} ${object.kind}/${object.namespace}/${object.name}`;
}

export function stateOf({ clusters, templateExists }: Candidate): State {
  const free = clusters.some(({ owner }) => owner === 'free');
  if (templateExists) return clusters.some(({ owner }) => owner === 'here') ? 'here' : 'template';
  return free ? 'free' : 'other';
}

export function PromotionTab({ federation }: { federation: Federation }) {
  const { t } = useText();
  const { query } = useRoute();
  const category = categories.find((value) => value === query['of']) ?? 'workloads';
  const read = useRead(['promotion', federation.id, category], () =>
    engine.promotion.candidates.query({ id: federation.id, category }),
  );
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<readonly Candidate[] | null>(null);
  const columns = useColumns();
  const words = (query['q'] ?? '').toLowerCase().split(/\s+/);
  const shown = (read.data?.candidates ?? []).filter((candidate) => {
    const { object, clusters } = candidate;
    const where = clusters.map(({ name, images }) => `${name} ${images.join(' ')}`).join(' ');
    const text = `${object.name} ${object.namespace} ${object.kind} ${where}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const free = shown.filter((candidate) => stateOf(candidate) === 'free');
  const selected = free.filter((candidate) => chosen.has(candidateKey(candidate)));
  return (
    <div className="stack fill-column">
      <span className="muted">{t('promotion.intro')}</span>
      <div className="row wrap">
        <Segmented<FederatedCategory>
          value={category}
          onChange={(of) => {
            setChosen(new Set());
            changeQuery({ of: of === 'workloads' ? undefined : of });
          }}
          options={categories.map((value) => ({ value, label: t(`federations.categories.${value}`) }))}
        />
        <FilterInput
          value={query['q'] ?? ''}
          onChange={(q) => changeQuery({ q })}
          placeholder={t('promotion.filter')}
        />
        <Button
          type="text"
          icon={<ReloadIcon />}
          aria-label={t('common.reload')}
          loading={read.loading}
          onClick={read.again}
        />
        <span className="grow" />
        <Button
          type="primary"
          disabled={selected.length === 0}
          onClick={() => setOpen(selected)}
          data-testid="promotion-preview"
        >
          {selected.length === 0 ? t('promotion.choose') : t('promotion.preview', { count: selected.length })}
        </Button>
      </div>
      {read.error !== null && <ErrorNotice error={read.error} onRetry={read.again} />}
      {read.data?.failed.map(({ cluster, error }) => (
        <ErrorNotice key={cluster} error={{ ...error, cluster }} level="warning" onRetry={read.again} />
      ))}
      {read.data === undefined ? (
        read.error === null && <Loading rows={6} />
      ) : (
        <DataGrid
          label={t('promotion.title')}
          testId="candidates-grid"
          columns={columns}
          rows={shown}
          rowKey={candidateKey}
          sort={{ column: 'name', descending: false }}
          onOpen={(candidate) => stateOf(candidate) === 'free' && setOpen([candidate])}
          selection={{
            keys: chosen,
            onChange: setChosen,
            onAll: () => setChosen(new Set(free.map(candidateKey))),
          }}
          empty={<EmptyState title={t('promotion.empty')} hint={t('promotion.emptyHint')} />}
        />
      )}
      {open !== null && (
        <PromotionDrawer
          federation={federation}
          candidates={open}
          onClose={(changed) => {
            setOpen(null);
            if (!changed) return;
            setChosen(new Set());
            read.again();
          }}
        />
      )}
    </div>
  );
}

function useColumns(): GridColumn<Candidate>[] {
  const { t } = useText();
  const hueOf = useHueOf();
  return useMemo(
    (): GridColumn<Candidate>[] => [
      {
        id: 'name',
        title: t('promotion.columns.name'),
        width: 130,
        grow: 2,
        sortValue: ({ object }) => object.name,
        cell: ({ object }) => <Name>{object.name}</Name>,
      },
      {
        id: 'namespace',
        title: t('promotion.columns.namespace'),
        width: 110,
        grow: 1,
        sortValue: ({ object }) => object.namespace,
        cell: ({ object }) => <Name plain>{object.namespace}</Name>,
      },
      {
        id: 'kind',
        title: t('promotion.columns.kind'),
        width: 116,
        sortValue: ({ object }) => object.kind,
        cell: ({ object }) => <span>{object.kind}</span>,
      },
      {
        id: 'clusters',
        title: t('promotion.columns.clusters'),
        width: 220,
        grow: 7,
        sortValue: ({ clusters }) => clusters.length,
        cell: ({ clusters }) => (
          <ClusterShares names={clusters.map(({ name }) => name)}>
            {clusters.map(({ name, replicas, owner }) => (
              <span
                key={name}
                className="cluster-share"
                data-hue={hueOf(name)}
                title={`${name}: ${t(`promotion.states.${owner}`)}`}
              >
                <span className="target-mark" aria-hidden="true" />
                <span className="ellipsis">{name}</span>
                {replicas !== null && <b>{replicas}</b>}
              </span>
            ))}
          </ClusterShares>
        ),
      },
      {
        id: 'images',
        title: t('promotion.columns.images'),
        width: 120,
        grow: 2,
        cell: ({ clusters }) => {
          const images = [...new Set(clusters.flatMap((cluster) => cluster.images))].join(', ');
          return (
            <span className="ellipsis muted" title={images}>
              {images}
            </span>
          );
        },
      },
      {
        id: 'state',
        title: t('promotion.columns.state'),
        width: 160,
        sortValue: (candidate) => stateOf(candidate),
        cell: (candidate) => (
          <Status level={levels[stateOf(candidate)]} testId="candidate-state">
            {t(`promotion.states.${stateOf(candidate)}`)}
          </Status>
        ),
      },
    ],
    [t, hueOf],
  );
}
