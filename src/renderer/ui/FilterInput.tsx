/** The filter of a page: "/" jumps here, Escape leaves it, typing is passed on after a short pause. */
import { Input } from 'antd';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { SearchIcon } from './icons.ts';

const PAUSE_MS = 120;

export interface FilterInputProps {
  value: string;
  onChange: (value: string) => void;
  placeholder: string;
  suffix?: ReactNode;
  width?: number;
}

export function FilterInput({ value, onChange, placeholder, suffix, width = 300 }: FilterInputProps) {
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  useEffect(() => {
    // A value from elsewhere (a link, "clear the filter") replaces what was typed; an echo of our own does not.
    if (value !== told.current) {
      told.current = value;
      setTyped(value);
    }
  }, [value]);
  useEffect(() => {
    if (typed === told.current) return;
    const timer = setTimeout(() => {
      told.current = typed;
      onChange(typed);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, onChange]);
  return (
    <Input
      allowClear
      prefix={<SearchIcon />}
      suffix={suffix}
      style={{ width }}
      value={typed}
      placeholder={placeholder}
      aria-label={placeholder}
      data-filter-input=""
      data-testid="filter"
      onChange={(event) => setTyped(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur();
        if (event.key === 'ArrowDown' || event.key === 'Enter') {
          event.preventDefault();
          document.querySelector<HTMLElement>('[role="grid"]')?.focus();
        }
      }}
    />
  );
}
