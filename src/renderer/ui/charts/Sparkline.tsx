/** A line of recent values in a line of text; a gap is where there was none. Plain SVG: a list may hold hundreds. */
export interface SparklineProps {
  /** What it shows, with the values that matter, for screen readers. */
  label: string;
  values: readonly (number | null)[];
  width?: number;
  height?: number;
}

export function Sparkline({ label, values, width = 220, height = 32 }: SparklineProps) {
  const most = Math.max(1, ...values.map((value) => value ?? 0));
  const x = (index: number) => (values.length < 2 ? 0 : (index / (values.length - 1)) * (width - 2)) + 1;
  const y = (value: number) => height - 3 - (value / most) * (height - 6);
  let path = '';
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    path += `${(values[index - 1] ?? null) === null ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
  }
  return (
    <svg className="sparkline" role="img" aria-label={label} width={width} height={height}>
      {values.map(
        (value, index) =>
          value === null && (
            // biome-ignore lint/suspicious/noArrayIndexKey: a value is nothing but its place.
            <line key={index} className="sparkline-gap" x1={x(index)} x2={x(index)} y1={3} y2={height - 3} />
          ),
      )}
      <path d={path} />
    </svg>
  );
}
