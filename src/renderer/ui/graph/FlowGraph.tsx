/**
 * A way through columns, left to right: what leads to what, each box with its state. Where a box stands follows from the
 * data; a person can look closer and move about, but not rearrange.
 */
import { Background, Controls, type Edge, Handle, type Node, Position, ReactFlow } from '@xyflow/react';
import { type ReactNode, useMemo } from 'react';
import { useText } from '../../stores/text.ts';
import type { Level } from '../Status.tsx';
import '@xyflow/react/dist/base.css';
import './graph.css';

export interface FlowNode {
  id: string;
  /** From the left, 0 first. */
  column: number;
  /** From the top; halves are fine. */
  row: number;
  level: Level;
  content: ReactNode;
  /** Read out for the box. */
  label: string;
  /** Stands aside: what was considered and left out. */
  faint?: boolean;
}
export interface FlowEdge {
  from: string;
  to: string;
  level: Level;
  dashed?: boolean;
}

const COLUMN_PX = 236;
const ROW_PX = 86;
const NODE_PX = 190;

type BoxNode = Node<{ content: ReactNode; level: Level; faint: boolean; first: boolean; last: boolean }, 'box'>;

function Box({ data }: { data: BoxNode['data'] }) {
  return (
    <div className="flow-box" data-level={data.level} data-faint={data.faint}>
      {!data.first && <Handle type="target" position={Position.Left} isConnectable={false} />}
      {data.content}
      {!data.last && <Handle type="source" position={Position.Right} isConnectable={false} />}
    </div>
  );
}
const nodeTypes = { box: Box };

export function FlowGraph({
  label,
  nodes,
  edges,
  height,
  testId,
}: {
  label: string;
  nodes: readonly FlowNode[];
  edges: readonly FlowEdge[];
  height: number;
  testId?: string;
}) {
  const { t } = useText();
  const boxes = useMemo((): BoxNode[] => {
    const sources = new Set(edges.map(({ from }) => from));
    const targets = new Set(edges.map(({ to }) => to));
    return nodes.map(({ id, column, row, level, content, label: text, faint = false }) => ({
      id,
      type: 'box',
      position: { x: column * COLUMN_PX, y: row * ROW_PX },
      width: NODE_PX,
      data: { content, level, faint, first: !targets.has(id), last: !sources.has(id) },
      ariaLabel: text,
    }));
  }, [nodes, edges]);
  const lines = useMemo(
    (): Edge[] =>
      edges.map(({ from, to, level, dashed = false }) => ({
        id: `${from}>${to}`,
        source: from,
        target: to,
        className: `flow-line level-${level}${dashed ? ' dashed' : ''}`,
        focusable: false,
      })),
    [edges],
  );
  const shape = boxes.map(({ id }) => id).join(' ');
  return (
    <div className="flow-graph" style={{ height }} data-testid={testId} role="figure" aria-label={label}>
      <ReactFlow
        // Another shape is looked at from the start; a change of state keeps the view.
        key={shape}
        nodes={boxes}
        edges={lines}
        nodeTypes={nodeTypes}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.06 }}
        minZoom={0.2}
        maxZoom={1.5}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable={false}
        zoomOnScroll={false}
        preventScrolling={false}
        deleteKeyCode={null}
        proOptions={{ hideAttribution: true }}
        ariaLabelConfig={{
          'controls.ariaLabel': t('common.graph.controls'),
          'controls.zoomIn.ariaLabel': t('common.graph.zoomIn'),
          'controls.zoomOut.ariaLabel': t('common.graph.zoomOut'),
          'controls.fitView.ariaLabel': t('common.graph.fit'),
          'node.a11yDescription.default': '',
        }}
      >
        <Background gap={18} size={1} />
        <Controls showInteractive={false} position="bottom-right" />
      </ReactFlow>
    </div>
  );
}
