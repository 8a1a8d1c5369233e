/** Shows the nodes of a form over a part of an object, and says what a person changes by its path. */
import { useState } from 'react';
import { parse, stringify } from 'yaml';
import { valueAt, type YamlPath } from '#shared/kubernetes/yaml-edit.ts';
import { useText } from '../../../stores/text.ts';
import { AutoComplete, Button, Input, InputNumber, Select, Switch } from '../../../ui/controls.ts';
import { Field } from '../../../ui/Field.tsx';
import { AddIcon, RemoveIcon } from '../../../ui/icons.ts';
import { type KeyValue, PairsEditor } from '../../../ui/PairsEditor.tsx';
import type { FormNode } from './nodes.ts';
import './policies.css';

export interface FormContext {
  object: unknown;
  members: readonly string[];
  /** Undefined takes the value away. */
  change: (path: YamlPath, value: unknown) => void;
}

/** What is set, as fields; of what may hold several things and holds none, only buttons to begin with. */
export function FormNodes({ nodes, at, context }: { nodes: readonly FormNode[]; at: YamlPath; context: FormContext }) {
  const { t } = useText();
  const [begun, setBegun] = useState<ReadonlySet<string>>(new Set());
  const all = flat(nodes, []);
  const isIdle = (node: FormNode): boolean =>
    (node.type === 'pairs' || (node.type === 'list' && node.wide === true)) &&
    !begun.has(node.at.join('.')) &&
    isEmpty(valueAt(context.object, [...at, ...node.at]));
  const idle = all.filter(isIdle);
  const shown = all.filter((node) => !isIdle(node));
  return (
    <div className="form-grid">
      {shown.map((node) => (
        <div key={node.at.join('.')} className={node.wide || isBlock(node) ? 'form-wide' : undefined}>
          <OneNode node={node} path={[...at, ...node.at]} context={context} />
        </div>
      ))}
      {idle.length > 0 && (
        <div className="form-wide row wrap">
          {idle.map((node) => (
            <Button
              key={node.at.join('.')}
              type="dashed"
              size="small"
              icon={<AddIcon />}
              onClick={() => {
                if (node.type === 'list') context.change([...at, ...node.at, 0], node.initial);
                else setBegun(new Set([...begun, node.at.join('.')]));
              }}
              data-testid={`add-${node.at.at(-1)}`}
            >
              {t(node.label)}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Groups stand for what is in them. */
function flat(nodes: readonly FormNode[], under: readonly string[]): FormNode[] {
  return nodes.flatMap((node) => {
    const at = [...under, ...node.at];
    return node.type === 'group' ? flat(node.nodes, at) : [{ ...node, at }];
  });
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function isBlock({ type }: FormNode): boolean {
  return type === 'list' || type === 'optional' || type === 'pairs';
}

interface NodeProps<N extends FormNode = FormNode> {
  node: N;
  path: YamlPath;
  context: FormContext;
}

function OneNode({ node, path, context }: NodeProps) {
  switch (node.type) {
    case 'group':
      // Taken apart by `flat` before it comes here.
      return null;
    case 'optional':
      return <OptionalNode node={node} path={path} context={context} />;
    case 'list':
      return <ListNode node={node} path={path} context={context} />;
    case 'pairs':
      return <PairsNode node={node} path={path} context={context} />;
    case 'switch':
      return <SwitchNode node={node} path={path} context={context} />;
    default:
      return <InputNode node={node} path={path} context={context} />;
  }
}

type InputKind = Extract<FormNode, { type: 'text' | 'number' | 'choice' | 'words' | 'value' }>;

function InputNode({ node, path, context }: NodeProps<InputKind>) {
  const { t } = useText();
  const value = valueAt(context.object, path);
  const set = (next: unknown): void => context.change(path, next === '' || next === null ? undefined : next);
  const testId = `field-${node.at.at(-1)}`;
  return (
    <Field label={t(node.label)} help={node.help === undefined ? undefined : t(node.help)}>
      {node.type === 'number' ? (
        <InputNumber
          min={node.min}
          max={node.max}
          precision={0}
          value={typeof value === 'number' ? value : null}
          onChange={set}
          data-testid={testId}
        />
      ) : node.type === 'choice' ? (
        <Select
          value={
            typeof value === 'string' && value !== ''
              ? value
              : (node.unset ?? (node.empty === undefined ? undefined : ''))
          }
          onChange={set}
          popupMatchSelectWidth={false}
          options={[
            ...(node.empty === undefined ? [] : [{ value: '', label: t(node.empty) }]),
            ...node.options.map((option) => {
              const text = node.texts?.[option];
              return { value: option, label: text === undefined ? option : t(text) };
            }),
          ]}
          data-testid={testId}
        />
      ) : node.type === 'words' ? (
        <Select
          mode="tags"
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={(words: string[]) => context.change(path, words.length === 0 ? undefined : words)}
          tokenSeparators={[',']}
          options={(node.of === 'members' ? context.members : (node.of ?? [])).map((word) => ({
            value: word,
            label: word,
          }))}
          data-testid={testId}
        />
      ) : node.type === 'value' ? (
        <ValueInput value={value} onChange={(next) => context.change(path, next)} testId={testId} />
      ) : node.suggest === undefined ? (
        <Input
          className={node.mono ? 'mono' : ''}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => set(event.target.value)}
          data-testid={testId}
        />
      ) : (
        <AutoComplete
          className="wide"
          value={typeof value === 'string' ? value : ''}
          onChange={set}
          options={node.suggest.map((word) => ({ value: word }))}
          showSearch={{
            filterOption: (typed, option) =>
              String(option?.value ?? '')
                .toLowerCase()
                .includes(typed.toLowerCase()),
          }}
          data-testid={testId}
        />
      )}
    </Field>
  );
}

/** Any value as YAML; what cannot be read yet stays with the person until it can. */
function ValueInput({
  value,
  onChange,
  testId,
  ...rest
}: {
  value: unknown;
  onChange: (value: unknown) => void;
  testId: string;
  id?: string;
}) {
  const shown = value === undefined ? '' : stringify(value, { lineWidth: 0 }).trimEnd();
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <Input.TextArea
      {...rest}
      className="mono"
      autoSize={{ minRows: 1, maxRows: 8 }}
      spellCheck={false}
      value={typed ?? shown}
      onChange={(event) => {
        setTyped(event.target.value);
        try {
          onChange(event.target.value.trim() === '' ? undefined : parse(event.target.value));
        } catch {
          // Half typed: the last readable value stays.
        }
      }}
      onBlur={() => setTyped(null)}
      data-testid={testId}
    />
  );
}

function SwitchNode({ node, path, context }: NodeProps) {
  const { t } = useText();
  return (
    <label className="row switch-line">
      <Switch
        size="small"
        checked={valueAt(context.object, path) === true}
        onChange={(on) => context.change(path, on ? true : undefined)}
        data-testid={`field-${node.at.at(-1)}`}
      />
      <span>{t(node.label)}</span>
    </label>
  );
}

function PairsNode({ node, path, context }: NodeProps) {
  const { t } = useText();
  const value = valueAt(context.object, path);
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  /** A line that is being typed has no key yet, or one that is there twice: the object cannot hold it. */
  const [typed, setTyped] = useState<readonly KeyValue[] | null>(null);
  const kept = entries.map(([key, text]) => ({ key, value: String(text) }));
  const set = (pairs: readonly KeyValue[]): void => {
    setTyped(pairs);
    const named = pairs.filter(({ key }) => key !== '');
    context.change(
      path,
      named.length === 0 ? undefined : Object.fromEntries(named.map((pair) => [pair.key, pair.value])),
    );
  };
  const same = typed !== null && JSON.stringify(typed.filter(({ key }) => key !== '')) === JSON.stringify(kept);
  return (
    <PairsEditor
      label={t(node.label)}
      pairs={same ? typed : kept}
      onChange={set}
      addLabel={t('policies.add.pair')}
      keyLabel={t('wizard.key')}
      valueLabel={t('wizard.value')}
      testId={`field-${node.at.at(-1)}`}
    />
  );
}

function OptionalNode({ node, path, context }: NodeProps<Extract<FormNode, { type: 'optional' }>>) {
  const { t } = useText();
  const present = valueAt(context.object, path) != null;
  return (
    <div className="stack">
      <label className="row">
        <Switch
          size="small"
          checked={present}
          onChange={(on) => context.change(path, on ? node.initial : undefined)}
          data-testid={`use-${node.at.at(-1)}`}
        />
        <span className="strong">{t(node.label)}</span>
      </label>
      {present && (
        <div className="form-entry">
          <FormNodes nodes={node.nodes} at={path} context={context} />
        </div>
      )}
    </div>
  );
}

function ListNode({ node, path, context }: NodeProps<Extract<FormNode, { type: 'list' }>>) {
  const { t } = useText();
  const value = valueAt(context.object, path);
  const items = Array.isArray(value) ? value : [];
  const name = node.at.at(-1);
  const add = (
    <Button
      type="dashed"
      size="small"
      icon={<AddIcon />}
      onClick={() => context.change([...path, items.length], node.initial)}
      data-testid={`add-${name}`}
    >
      {t(node.add)}
    </Button>
  );
  if (items.length === 0) return <div>{add}</div>;
  return (
    <div className="stack">
      {node.wide && <span className="muted">{t(node.label)}</span>}
      {items.map((_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries have no identity but their place.
        <div className="form-entry with-remove" key={index} data-testid={`${name}-${index}`}>
          <FormNodes nodes={node.nodes} at={[...path, index]} context={context} />
          <Button
            type="text"
            icon={<RemoveIcon />}
            aria-label={`${t('common.remove')}: ${t(node.label)} ${index + 1}`}
            onClick={() =>
              context.change(path, items.length === 1 ? undefined : items.filter((__, at) => at !== index))
            }
          />
        </div>
      ))}
      <div>{add}</div>
    </div>
  );
}
