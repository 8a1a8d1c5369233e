/** A choice of few, side by side. The library makes the frame a stop of its own for Tab, with a name in English: only the choice is one. */
import { Segmented as LibrarySegmented, type SegmentedProps } from 'antd';

export function Segmented<Value extends string | number>(props: SegmentedProps<Value>) {
  return <LibrarySegmented<Value> tabIndex={-1} aria-label={undefined} {...props} />;
}
