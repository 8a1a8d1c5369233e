/** YAML to read, edit and compare. The editor library is fetched when the first of these is shown. */
import { lazy, Suspense } from 'react';
import { Loading } from '../Feedback.tsx';
import type { DiffPaneProps, EditorPaneProps } from './EditorPane.tsx';
import './yaml.css';

const EditorPane = lazy(() => import('./EditorPane.tsx').then((module) => ({ default: module.EditorPane })));
const DiffPane = lazy(() => import('./EditorPane.tsx').then((module) => ({ default: module.DiffPane })));

/** Fills the height it is given (`height`), or its parent's. */
export function YamlEditor({ height, ...props }: EditorPaneProps & { height?: number }) {
  return (
    <div className="yaml" style={height === undefined ? undefined : { flex: 'none', height }}>
      <Suspense fallback={<Loading rows={8} />}>
        <EditorPane {...props} />
      </Suspense>
    </div>
  );
}

export function YamlDiff({ height, ...props }: DiffPaneProps & { height?: number }) {
  return (
    <div className="yaml" style={height === undefined ? undefined : { flex: 'none', height }}>
      <Suspense fallback={<Loading rows={8} />}>
        <DiffPane {...props} />
      </Suspense>
    </div>
  );
}
