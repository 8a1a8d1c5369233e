/** Bars of one number per cluster. Loaded lazily: the chart library is only needed where there is a chart. */
import { Bar, BarChart, Cell, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { useHueOf } from '../../stores/hues.ts';

export interface CapacityChartProps {
  /** Name of the numbers, for tooltip and screen readers. */
  label: string;
  bars: readonly { name: string; value: number }[];
  format: (value: number) => string;
}

export default function CapacityChart({ label, bars, format }: CapacityChartProps) {
  const hueOf = useHueOf();
  return (
    <figure aria-label={`${label}: ${bars.map(({ name, value }) => `${name} ${format(value)}`).join(', ')}`}>
      <ResponsiveContainer width="100%" height={Math.max(90, bars.length * 26 + 30)}>
        <BarChart data={[...bars]} layout="vertical" margin={{ top: 0, right: 24, bottom: 0, left: 0 }}>
          <XAxis
            type="number"
            tick={{ fontSize: 11, fill: 'var(--ant-color-text-tertiary)' }}
            stroke="var(--ant-color-border)"
          />
          <YAxis
            type="category"
            dataKey="name"
            width={130}
            tick={{ fontSize: 12, fill: 'var(--ant-color-text-secondary)' }}
            stroke="var(--ant-color-border)"
          />
          <Tooltip
            cursor={{ fill: 'var(--ant-color-fill-quaternary)' }}
            formatter={(value) => [format(Number(value)), label]}
            contentStyle={{
              background: 'var(--ant-color-bg-elevated)',
              border: '1px solid var(--ant-color-border)',
              borderRadius: 5,
              fontSize: 12,
            }}
            labelStyle={{ color: 'var(--ant-color-text)' }}
            itemStyle={{ color: 'var(--ant-color-text-secondary)' }}
          />
          <Bar dataKey="value" isAnimationActive={false} barSize={12} radius={3}>
            {bars.map(({ name }) => (
              <Cell key={name} data-hue={hueOf(name)} fill="hsl(var(--hue) 55% 50%)" />
            ))}
          </Bar>
        </BarChart>
      </ResponsiveContainer>
    </figure>
  );
}
