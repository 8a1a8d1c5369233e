/** The left column: the pages, their counts, and the switch that makes it narrow. */
import icon from '../../icon.svg';
import { useFrame } from '../../stores/frame.ts';
import { useText } from '../../stores/text.ts';
import { BackIcon, RightIcon } from '../../ui/icons.ts';
import { useClusters, useFederations, useFleets } from '../engine/sources.ts';
import { formatRoute, useRoute } from '../router.ts';
import { usePages } from '../use-pages.ts';

export function Navigation() {
  const { t } = useText();
  const { path } = useRoute();
  const pages = usePages();
  const narrow = useFrame((state) => state.narrow);
  const setNarrow = useFrame((state) => state.setNarrow);
  const clusters = useClusters().data;
  const counts: Record<string, { total: number | undefined; troubled: boolean }> = {
    clusters: {
      total: clusters?.length,
      troubled:
        clusters?.some(({ state }) => state === 'disconnected' || state === 'abnormal' || state === 'accessTimeout') ??
        false,
    },
    fleets: { total: useFleets().data?.length, troubled: false },
    federations: {
      total: useFederations().data?.length,
      troubled: useFederations().data?.some(({ state }) => state === 'abnormal') ?? false,
    },
  };
  const current = path[0] ?? 'overview';
  return (
    <nav className="nav" data-narrow={narrow} aria-label={t('shell.nav.label')}>
      <a className="nav-brand" href="#/overview" title="Fleetdeck">
        <img src={icon} width={22} height={22} alt="" />
        {!narrow && <span>Fleetdeck</span>}
      </a>
      <ul>
        {pages.map(({ path: page, title, Icon }) => (
          <li key={page}>
            <a
              className="nav-item"
              href={formatRoute([page])}
              aria-current={page === current ? 'page' : undefined}
              title={narrow ? t(title) : undefined}
              aria-label={t(title)}
              data-testid={`nav-${page}`}
            >
              <Icon />
              {!narrow && (
                <>
                  <span className="grow ellipsis">{t(title)}</span>
                  {counts[page]?.total !== undefined && (
                    <span className="nav-count" data-troubled={counts[page]?.troubled}>
                      {counts[page]?.total}
                    </span>
                  )}
                </>
              )}
            </a>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="nav-item nav-toggle"
        onClick={() => setNarrow(!narrow)}
        aria-label={t(narrow ? 'shell.nav.expand' : 'shell.nav.collapse')}
        title={t(narrow ? 'shell.nav.expand' : 'shell.nav.collapse')}
      >
        {narrow ? <RightIcon /> : <BackIcon />}
      </button>
    </nav>
  );
}
