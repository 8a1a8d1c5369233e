/** Which sets and rules are on, with which severity and limit, and how hard a cluster is asked. Changes hold at once. */
import { useMemo, useState } from 'react';
import type { InspectionConfig, RuleInfo, RuleSet, RuleSetting } from '#shared/contract/inspection.ts';
import { RULE_SETS } from '#shared/inspection.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction, useRead } from '../../app/engine/hooks.ts';
import { changeQuery, useRoute } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Button, InputNumber, Select, Switch } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { ReloadIcon } from '../../ui/icons.ts';
import { severities } from './look.tsx';
import { useRules } from './rules.ts';

export function RulesTab() {
  const read = useRead(['inspection', 'config'], (signal) => engine.inspection.config.query(undefined, { signal }));
  // What was just set shows at once; the engine's answer takes its place.
  const [pending, setPending] = useState<InspectionConfig | null>(null);
  const save = useAction((config: InspectionConfig) => engine.inspection.updateConfig.mutate(config));
  const config = pending ?? read.data;
  if (config === undefined)
    return read.error === null ? <Loading rows={8} /> : <ErrorNotice error={read.error} onRetry={read.again} />;
  const change = (next: InspectionConfig) => {
    setPending(next);
    void save.run(next).then((done) => {
      if (done === null) setPending(null);
      read.again();
    });
  };
  return (
    <div className="stack fill-column">
      {save.error !== null && <ErrorNotice error={save.error} onClose={save.reset} />}
      <Rules config={config} change={change} />
    </div>
  );
}

function Rules({ config, change }: { config: InspectionConfig; change: (config: InspectionConfig) => void }) {
  const { t } = useText();
  const { query } = useRoute();
  const { list } = useRules();
  const set = RULE_SETS.find((name) => name === query['set']) ?? 'manual';
  const isOn = (rule: RuleInfo): boolean =>
    config.rules[rule.id]?.enabled ?? rule.sets.some((name) => config.sets[name]);
  return (
    <div className="rule-settings">
      <div className="rule-sets">
        {RULE_SETS.map((name) => {
          const members = list.filter(({ sets }) => sets.includes(name));
          return (
            <div key={name} className="rule-set" data-open={name === set}>
              <button
                type="button"
                className="rule-set-name"
                aria-pressed={name === set}
                onClick={() => changeQuery({ set: name })}
                data-testid={`set-${name}`}
              >
                <span className="strong">{t(`inspection.set.${name}`)}</span>
                <span className="muted">
                  {t('inspection.rules.countOn', { on: members.filter(isOn).length, total: members.length })}
                </span>
              </button>
              <Switch
                size="small"
                checked={config.sets[name]}
                aria-label={t(`inspection.set.${name}`)}
                onChange={(on) => change({ ...config, sets: { ...config.sets, [name]: on } })}
              />
            </div>
          );
        })}
        <Load config={config} change={change} />
      </div>
      <div className="stack fill-column">
        <span className="muted">
          {t(`inspection.setText.${set}`)} {t('inspection.rules.text')}
        </span>
        <RuleGrid set={set} rules={list} config={config} isOn={isOn} change={change} />
      </div>
    </div>
  );
}

function Load({ config, change }: { config: InspectionConfig; change: (config: InspectionConfig) => void }) {
  const { t } = useText();
  const number = (key: 'requestsPerSecond' | 'clustersAtOnce' | 'keep', max: number, help?: string) => (
    <Field label={t(`inspection.rules.${key}`)} help={help}>
      <InputNumber
        min={1}
        max={max}
        precision={0}
        value={config[key]}
        onChange={(value) => value !== null && change({ ...config, [key]: value })}
      />
    </Field>
  );
  return (
    <div className="stack rule-load">
      <span className="strong">{t('inspection.rules.load')}</span>
      {number('requestsPerSecond', 200, t('inspection.rules.requestsPerSecondHelp'))}
      {number('clustersAtOnce', 16)}
      {number('keep', 500, t('inspection.rules.keepHelp'))}
    </div>
  );
}

interface RuleGridProps {
  set: RuleSet;
  rules: readonly RuleInfo[];
  config: InspectionConfig;
  isOn: (rule: RuleInfo) => boolean;
  change: (config: InspectionConfig) => void;
}

function RuleGrid({ set, rules, config, isOn, change }: RuleGridProps) {
  const { t, language } = useText();
  const columns = useMemo((): GridColumn<RuleInfo>[] => {
    const setRule = (rule: RuleInfo, setting: RuleSetting) =>
      change({ ...config, rules: { ...config.rules, [rule.id]: { ...config.rules[rule.id], ...setting } } });
    return [
      {
        id: 'on',
        title: t('inspection.columns.on'),
        width: 60,
        grow: 0,
        cell: (rule) => (
          <Switch
            size="small"
            checked={isOn(rule)}
            aria-label={`${t('inspection.columns.on')}: ${rule.texts[language].title}`}
            onChange={(enabled) => setRule(rule, { enabled })}
          />
        ),
      },
      {
        id: 'title',
        title: t('inspection.columns.title'),
        width: 230,
        grow: 2,
        sortValue: (rule) => rule.texts[language].title,
        cell: (rule) => (
          <span title={`${rule.texts[language].impact}\n${rule.texts[language].remedy}`} className="ellipsis">
            {rule.texts[language].title}
          </span>
        ),
      },
      {
        id: 'id',
        title: t('inspection.columns.rule'),
        width: 220,
        sortValue: ({ id }) => id,
        cell: ({ id }) => <code className="ellipsis">{id}</code>,
      },
      {
        id: 'type',
        title: t('inspection.columns.type'),
        width: 100,
        grow: 0,
        sortValue: ({ type }) => t(`inspection.type.${type}`),
        cell: ({ type }) => <span>{t(`inspection.type.${type}`)}</span>,
      },
      {
        id: 'severity',
        title: t('inspection.columns.severity'),
        width: 120,
        grow: 0,
        cell: (rule) => (
          <Select
            size="small"
            variant="borderless"
            className="severity-select"
            value={config.rules[rule.id]?.severity ?? ''}
            aria-label={`${t('inspection.columns.severity')}: ${rule.texts[language].title}`}
            onChange={(severity) => {
              const { severity: _, ...rest } = config.rules[rule.id] ?? {};
              const found = severities.find((one) => one === severity);
              change({
                ...config,
                rules: { ...config.rules, [rule.id]: found === undefined ? rest : { ...rest, severity: found } },
              });
            }}
            options={[
              { value: '', label: `${t(`inspection.severity.${rule.severity}`)}` },
              ...severities
                .filter((one) => one !== rule.severity)
                .map((one) => ({ value: one as string, label: t(`inspection.severity.${one}`) })),
            ]}
          />
        ),
      },
      {
        id: 'threshold',
        title: t('inspection.columns.number'),
        width: 130,
        grow: 0,
        cell: (rule) =>
          rule.threshold !== null && (
            <InputNumber
              size="small"
              min={rule.threshold.min}
              max={rule.threshold.max}
              precision={0}
              value={config.rules[rule.id]?.threshold ?? rule.threshold.default}
              suffix={t(`inspection.rules.threshold.${rule.threshold.unit}`, { value: '' }).trim()}
              aria-label={`${t('inspection.columns.number')}: ${rule.texts[language].title}`}
              onChange={(threshold) => threshold !== null && setRule(rule, { threshold })}
            />
          ),
      },
    ];
  }, [t, language, config, isOn, change]);
  return (
    <DataGrid
      label={t(`inspection.set.${set}`)}
      testId="rules-grid"
      columns={columns}
      rows={rules.filter(({ sets }) => sets.includes(set))}
      rowKey={({ id }) => id}
      empty={<EmptyState title={t('inspection.tabs.rules')} />}
      rowActions={(rule) =>
        Object.keys(config.rules[rule.id] ?? {}).length > 0 && (
          <Button
            type="text"
            icon={<ReloadIcon />}
            title={t('inspection.rules.reset')}
            aria-label={`${t('inspection.rules.reset')}: ${rule.texts[language].title}`}
            onClick={() => {
              const { [rule.id]: _, ...others } = config.rules;
              change({ ...config, rules: others });
            }}
          />
        )
      }
    />
  );
}
