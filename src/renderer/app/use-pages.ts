/** The pages as they are offered here: those for demo clusters only where the clusters are simulated. */
import { useMemo } from 'react';
import { useSystemInfo } from './engine/hooks.ts';
import { type PageEntry, pages } from './pages.ts';

export function usePages(): readonly PageEntry[] {
  const demo = useSystemInfo().data?.demo ?? false;
  return useMemo(() => pages.filter((page) => demo || page.demoOnly !== true), [demo]);
}
