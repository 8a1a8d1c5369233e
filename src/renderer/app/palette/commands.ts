/** Everything the palette can do, in the person's language. */
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ResourceKind } from '#shared/contract/resources.ts';
import { translate } from '#shared/i18n/index.ts';
import { targetKey, useTargets } from '../../stores/targets.ts';
import { useSettings, useText } from '../../stores/text.ts';
import { useEffectiveTheme } from '../../ui/theme.tsx';
import { diagnosisRoute, openDiagnosable } from '../diagnosis-links.ts';
import { engine } from '../engine/client.ts';
import { useFederations } from '../engine/sources.ts';
import { commonKinds, fullName } from '../kinds.ts';
import { resourcesRoute } from '../resource-links.ts';
import { navigate, parseRoute } from '../router.ts';
import { chooseTargets } from '../shell/TargetBadge.tsx';
import { useTargetEntries } from '../target-entries.ts';
import { usePages } from '../use-pages.ts';
import type { Command } from './match.ts';

/** As on the Resources page, which asks the same of no more targets. */
const ASKED = 4;

/** The kinds of the chosen targets that not every cluster has: custom resources, aggregated APIs. */
function otherKinds(answers: readonly { data: readonly ResourceKind[] | undefined }[]): ResourceKind[] {
  const known = new Set(commonKinds.map(fullName));
  const found = answers.flatMap(({ data = [] }) => data).filter(({ verbs }) => verbs.includes('list'));
  return found.filter((kind) => !known.has(fullName(kind)) && known.add(fullName(kind)));
}

export function useCommands(): readonly Command[] {
  const { t, language } = useText();
  const theme = useEffectiveTheme();
  const entries = useTargetEntries();
  const pages = usePages();
  const federations = useFederations().data;
  const targets = useTargets((state) => state.targets);
  const kinds = useQueries({
    queries: targets.slice(0, ASKED).map((target) => ({
      queryKey: ['resources', 'kinds', targetKey(target)],
      queryFn: () => engine.resources.kinds.query({ target }),
      staleTime: 60_000,
    })),
    combine: otherKinds,
  });
  return useMemo(() => {
    const other = language === 'zh' ? 'en' : 'zh';
    const commands: Command[] = pages.map((page) => ({
      id: `page:${page.path}`,
      title: t(page.title),
      words: translate(other, page.title),
      group: 'pages',
      run: () => navigate([page.path]),
    }));
    const action = (
      key: 'registerCluster' | 'createFleet' | 'createFederation' | 'diagnose' | 'verifyAudit' | 'switchTheme',
      run: () => void,
    ) =>
      commands.push({
        id: `action:${key}`,
        title: t(`shell.palette.${key}`),
        words: translate(other, `shell.palette.${key}`),
        group: 'actions',
        run,
      });
    action('registerCluster', () => navigate(['clusters'], { register: '1' }));
    action('createFleet', () => navigate(['fleets'], { create: '1' }));
    action('createFederation', () => navigate(['federations'], { create: '1' }));
    for (const federation of federations ?? [])
      commands.push({
        id: `distribute:${federation.id}`,
        title: t('shell.palette.distribute', { name: federation.name }),
        words: translate(other, 'shell.palette.distribute', { name: federation.name }),
        group: 'actions',
        run: () => navigate(['federations', federation.id, 'distribute']),
      });
    const open = openDiagnosable(parseRoute(window.location.hash));
    if (open !== null)
      commands.push({
        id: 'diagnose:open',
        title: t('shell.palette.diagnoseOpen', { object: `${open.kind} ${open.name}` }),
        words: translate(other, 'shell.palette.diagnose'),
        group: 'actions',
        run: () => {
          window.location.hash = diagnosisRoute(open);
        },
      });
    action('diagnose', () => navigate(['diagnosis']));
    action('verifyAudit', () => navigate(['audit'], { verify: '1' }));
    action('switchTheme', () => useSettings.getState().setTheme(theme === 'dark' ? 'light' : 'dark'));
    commands.push({
      id: 'action:language',
      title: t('shell.palette.switchLanguage'),
      words: 'language 语言',
      group: 'actions',
      run: () => useSettings.getState().setLanguage(other),
    });
    for (const entry of entries) {
      const federation = entry.target.kind === 'federation';
      commands.push({
        id: `${entry.target.kind}:${entry.target.id}`,
        title: entry.name,
        group: federation ? 'federations' : 'clusters',
        run: () => navigate([federation ? 'federations' : 'clusters', entry.target.id]),
      });
      if (entry.enterable)
        commands.push({
          id: `on:${entry.target.kind}:${entry.target.id}`,
          title: t('shell.palette.showResources', { name: entry.name }),
          group: federation ? 'federations' : 'clusters',
          run: () => {
            chooseTargets([entry.target]);
            window.location.hash = resourcesRoute({ targets: [entry.target] }, parseRoute(window.location.hash));
          },
        });
    }
    for (const kind of commonKinds)
      commands.push({
        id: `kind:${kind.resource}.${kind.group}`,
        title: kind.kind,
        words: `${kind.resource} ${kind.short}`,
        group: 'kinds',
        run: () => {
          window.location.hash = resourcesRoute({ targets, resource: kind });
        },
      });
    for (const kind of kinds)
      commands.push({
        id: `kind:${fullName(kind)}`,
        title: kind.kind,
        detail: kind.group,
        words: kind.resource,
        group: 'kinds',
        run: () => {
          window.location.hash = resourcesRoute({ targets, resource: kind });
        },
      });
    return commands;
  }, [t, language, theme, entries, pages, federations, targets, kinds]);
}
