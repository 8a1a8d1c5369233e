/** The column of kinds: favourites first, then by what they are for. */
import { useState } from 'react';
import type { Target } from '#shared/contract/views.ts';
import type { ResourceRef } from '#shared/kubernetes/types.ts';
import { useText } from '../../stores/text.ts';
import { Input } from '../../ui/controls.ts';
import { SearchIcon, StarIcon, StarredIcon } from '../../ui/icons.ts';
import { favouriteKey, useFavourites } from './favourites.store.ts';
import { sectionsOf } from './kind-list.ts';
import { useKinds } from './use-kinds.ts';

export interface KindListProps {
  targets: readonly Target[];
  chosen: ResourceRef | null;
  hrefOf: (ref: ResourceRef) => string;
}

export function KindList({ targets, chosen, hrefOf }: KindListProps) {
  const { t } = useText();
  const [filter, setFilter] = useState('');
  const favourites = useFavourites((state) => state.kinds);
  const toggle = useFavourites((state) => state.toggle);
  const kinds = useKinds(targets);
  const sections = sectionsOf(kinds, favourites, filter);
  return (
    <nav className="kind-list" aria-label={t('resources.kinds.label')} data-testid="kind-list">
      <Input
        allowClear
        prefix={<SearchIcon />}
        placeholder={t('resources.kinds.filter')}
        aria-label={t('resources.kinds.filter')}
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
      />
      <div className="kind-scroll">
        {sections.length === 0 && <p className="muted">{t('resources.kinds.none')}</p>}
        {sections.map(({ section, kinds: inside }) => (
          <section key={section}>
            <h2>{t(`resources.groups.${section}`)}</h2>
            <ul>
              {inside.map((kind) => {
                const marked = favourites.includes(favouriteKey(kind));
                const current = chosen?.group === kind.group && chosen.resource === kind.resource;
                return (
                  <li key={favouriteKey(kind)} className="kind-item" data-current={current}>
                    <a
                      href={hrefOf(kind)}
                      className="ellipsis"
                      aria-current={current ? 'page' : undefined}
                      title={kind.group === '' ? kind.kind : `${kind.kind} (${kind.group})`}
                      data-testid={`kind-${kind.resource}`}
                    >
                      {kind.kind}
                    </a>
                    <button
                      type="button"
                      className="kind-star"
                      data-marked={marked}
                      onClick={() => toggle(favouriteKey(kind))}
                      aria-label={t(marked ? 'resources.kinds.unfavourite' : 'resources.kinds.favourite', {
                        kind: kind.kind,
                      })}
                    >
                      {marked ? <StarredIcon /> : <StarIcon />}
                    </button>
                  </li>
                );
              })}
            </ul>
          </section>
        ))}
      </div>
    </nav>
  );
}
