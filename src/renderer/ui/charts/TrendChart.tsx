/** Lines over time on two axes. Loaded lazily: the chart library is only needed where there is a chart. */
import { CartesianGrid, Legend, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';

export interface TrendLine {
  key: string;
  label: string;
  /** A colour of CSS. */
  colour: string;
  axis: 'left' | 'right';
}

export interface TrendChartProps {
  label: string;
  points: readonly { id: string; time: string; values: Readonly<Record<string, number | null>> }[];
  lines: readonly TrendLine[];
  /** End of the left axis. */
  max: number;
  onOpen: (id: string) => void;
}

const tick = { fontSize: 11, fill: 'var(--ant-color-text-tertiary)' };

export default function TrendChart({ label, points, lines, max, onOpen }: TrendChartProps) {
  const [first] = lines;
  const spoken = points.map(({ time, values }) => `${time} ${values[first?.key ?? '']}`).join(', ');
  return (
    <figure aria-label={`${label}: ${spoken}`}>
      <ResponsiveContainer width="100%" height={320}>
        <LineChart
          data={points.map(({ id, time, values }) => ({ id, time, ...values }))}
          margin={{ top: 8, right: 8, bottom: 0, left: 0 }}
          onClick={({ activeTooltipIndex }) => {
            const point = points[Number(activeTooltipIndex)];
            if (point !== undefined) onOpen(point.id);
          }}
        >
          <CartesianGrid stroke="var(--ant-color-border-secondary)" vertical={false} />
          <XAxis dataKey="time" tick={tick} stroke="var(--ant-color-border)" minTickGap={40} />
          <YAxis yAxisId="left" domain={[0, max]} width={36} tick={tick} stroke="var(--ant-color-border)" />
          <YAxis
            yAxisId="right"
            orientation="right"
            allowDecimals={false}
            width={44}
            tick={tick}
            stroke="var(--ant-color-border)"
          />
          <Tooltip
            cursor={{ stroke: 'var(--ant-color-border)' }}
            contentStyle={{
              background: 'var(--ant-color-bg-elevated)',
              border: '1px solid var(--ant-color-border)',
              borderRadius: 5,
              fontSize: 12,
            }}
            labelStyle={{ color: 'var(--ant-color-text)' }}
          />
          <Legend wrapperStyle={{ fontSize: 12 }} />
          {lines.map(({ key, label: name, colour, axis }) => (
            <Line
              key={key}
              yAxisId={axis}
              dataKey={key}
              name={name}
              stroke={colour}
              strokeWidth={axis === 'left' ? 2.5 : 1.5}
              {...(axis === 'right' ? { strokeDasharray: '5 3' } : {})}
              dot={{ r: 3 }}
              isAnimationActive={false}
            />
          ))}
        </LineChart>
      </ResponsiveContainer>
    </figure>
  );
}
