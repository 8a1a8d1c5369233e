/** The pages of the navigation, in its order. */
import type { ComponentType } from 'react';
import type { TextKey } from '#shared/i18n/index.ts';
import {
  AuditIcon,
  ClustersIcon,
  DemoIcon,
  DiagnosisIcon,
  FederationsIcon,
  FleetsIcon,
  HealthIcon,
  InspectionIcon,
  OverviewIcon,
  ResourcesIcon,
  SettingsIcon,
} from '../ui/icons.ts';

export interface PageEntry {
  /** First part of the address. */
  path: string;
  title: TextKey;
  Icon: ComponentType;
  /** About simulated clusters: shown in demo mode alone. */
  demoOnly?: boolean;
}

export const pages: readonly PageEntry[] = [
  { path: 'overview', title: 'shell.nav.overview', Icon: OverviewIcon },
  { path: 'clusters', title: 'shell.nav.clusters', Icon: ClustersIcon },
  { path: 'fleets', title: 'shell.nav.fleets', Icon: FleetsIcon },
  { path: 'federations', title: 'shell.nav.federations', Icon: FederationsIcon },
  { path: 'resources', title: 'shell.nav.resources', Icon: ResourcesIcon },
  { path: 'health', title: 'shell.nav.health', Icon: HealthIcon },
  { path: 'inspection', title: 'shell.nav.inspection', Icon: InspectionIcon },
  { path: 'diagnosis', title: 'shell.nav.diagnosis', Icon: DiagnosisIcon },
  { path: 'demo', title: 'shell.nav.demo', Icon: DemoIcon, demoOnly: true },
  { path: 'audit', title: 'shell.nav.audit', Icon: AuditIcon },
  { path: 'settings', title: 'shell.nav.settings', Icon: SettingsIcon },
];
