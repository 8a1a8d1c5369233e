/** The interface as a whole: theme, data, frame, and the page that the address names. */
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import ClustersPage from '../features/clusters/ClustersPage.tsx';
import OverviewPage from '../features/overview/OverviewPage.tsx';
import { useConnection } from '../stores/connection.ts';
import { useText } from '../stores/text.ts';
import { EmptyState, Loading } from '../ui/Feedback.tsx';
import { ThemeRoot } from '../ui/theme.tsx';
import { queries } from './engine/hooks.ts';
import { parseRoute, type Route, useRoute } from './router.ts';
import { useSettingsSync } from './settings-sync.ts';
import { Fence } from './shell/Fence.tsx';
import { Shell } from './shell/Shell.tsx';

/** The two pages that most starts open on come with the frame: they are small, and drawn at once. */
const resourcesPage = () => import('../features/resources/ResourcesPage.tsx');

const FleetsPage = lazy(() => import('../features/fleets/FleetsPage.tsx'));
const FleetPage = lazy(() => import('../features/fleets/FleetPage.tsx'));
const FederationsPage = lazy(() => import('../features/federations/FederationsPage.tsx'));
const FederationPage = lazy(() => import('../features/federations/FederationPage.tsx'));
const DistributePage = lazy(() => import('../features/federations/wizard/DistributePage.tsx'));
const HealthPage = lazy(() => import('../features/diagnosis/HealthPage.tsx'));
const DiagnosisPage = lazy(() => import('../features/diagnosis/DiagnosisPage.tsx'));
const DiagnosisReportPage = lazy(() => import('../features/diagnosis/ReportPage.tsx'));
const InspectionPage = lazy(() => import('../features/inspection/InspectionPage.tsx'));
const ReportPage = lazy(() => import('../features/inspection/ReportPage.tsx'));
const PolicyPage = lazy(() => import('../features/federations/policies/PolicyPage.tsx'));
const WhyPage = lazy(() => import('../features/federations/why/WhyPage.tsx'));
const ResourcesPage = lazy(resourcesPage);
const DemoPage = lazy(() => import('../features/demo/DemoPage.tsx'));
const AuditPage = lazy(() => import('../features/audit/AuditPage.tsx'));
const SettingsPage = lazy(() => import('../features/settings/SettingsPage.tsx'));

// Fetched while the frame is still being drawn; whether it can be had is found out by whoever shows it.
if (parseRoute(window.location.hash).path[0] === 'resources') resourcesPage().catch(() => undefined);

export function App() {
  return (
    <ThemeRoot>
      <QueryClientProvider client={queries}>
        <Fence place="">
          <Shell>
            <Pages />
          </Shell>
        </Fence>
      </QueryClientProvider>
    </ThemeRoot>
  );
}

function Pages() {
  const route = useRoute();
  useSettingsSync();
  useFreshReads();
  return <Suspense fallback={<Loading rows={10} />}>{pageOf(route)}</Suspense>;
}

function pageOf({ path }: Route) {
  const [page = 'overview', id, more] = path;
  switch (page) {
    case 'overview':
      return <OverviewPage />;
    case 'clusters':
      return <ClustersPage openId={id} />;
    case 'fleets':
      return id === undefined ? <FleetsPage /> : <FleetPage id={id} key={id} />;
    case 'federations':
      if (id === undefined) return <FederationsPage />;
      if (more === 'why') return <WhyPage id={id} key={id} />;
      if (more === 'policy') return <PolicyPage id={id} path={path} key={path.join('/')} />;
      return more === 'distribute' ? (
        <DistributePage id={id} key={id} />
      ) : (
        <FederationPage id={id} tab={more} key={id} />
      );
    case 'inspection':
      return id === 'report' && more !== undefined ? (
        <ReportPage id={more} tab={path[3]} key={more} />
      ) : (
        <InspectionPage tab={id} />
      );
    case 'health':
      return <HealthPage />;
    case 'diagnosis':
      return id === 'report' && more !== undefined ? (
        <DiagnosisReportPage id={more} key={more} />
      ) : (
        <DiagnosisPage tab={id} />
      );
    case 'resources':
      return <ResourcesPage />;
    case 'demo':
      return <DemoPage />;
    case 'audit':
      return <AuditPage />;
    case 'settings':
      return <SettingsPage />;
    default:
      return <NotFound />;
  }
}

function NotFound() {
  const { t } = useText();
  return <EmptyState title={t('shell.notFound')} hint={t('shell.notFoundHint')} />;
}

/** What was read from an engine process that is gone is read again from the new one. */
function useFreshReads(): void {
  const startedAt = useConnection((state) => state.engineStartedAt);
  useEffect(() => {
    if (startedAt !== null) void queries.invalidateQueries();
  }, [startedAt]);
}
