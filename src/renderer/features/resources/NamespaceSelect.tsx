/**
 * The namespaces that a table is narrowed to. Any can be named: who may not list all of them knows which may be read. What is
 * typed counts when it is entered or left, and not after Escape.
 */
import { useState } from 'react';
import { useText } from '../../stores/text.ts';
import { Select } from '../../ui/controls.ts';

export interface NamespaceSelectProps {
  value: readonly string[];
  /** Those that have rows. */
  known: readonly string[];
  placeholder: string;
  onChange: (namespaces: string[]) => void;
}

export function NamespaceSelect({ value, known, placeholder, onChange }: NamespaceSelectProps) {
  const { t } = useText();
  const [typed, setTyped] = useState('');
  return (
    <Select
      mode="tags"
      className="namespace-select"
      allowClear
      value={[...value]}
      onChange={(namespaces) => {
        setTyped('');
        onChange(namespaces);
      }}
      showSearch={{ searchValue: typed, onSearch: setTyped }}
      onKeyDown={({ key }) => key === 'Escape' && setTyped('')}
      onBlur={() => setTyped('')}
      placeholder={placeholder}
      aria-label={t('resources.namespaces')}
      maxTagCount="responsive"
      options={known.map((name) => ({ value: name, label: name }))}
      data-testid="namespaces"
    />
  );
}
