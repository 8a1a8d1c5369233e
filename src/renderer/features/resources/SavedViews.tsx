/** Tables kept under a name: choose one, keep the present one, rename, bring up to date, remove. */
import { useState } from 'react';
import { kindName } from '../../app/kinds.ts';
import { parseResourcesPlace } from '../../app/resource-links.ts';
import { parseRoute, useRoute } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Button, Input, Popover } from '../../ui/controls.ts';
import { BookmarkIcon, CheckIcon, DeleteIcon, EditIcon, SaveIcon } from '../../ui/icons.ts';
import { useTables } from './table.store.ts';
import { type SavedView, withoutOpen } from './tables.ts';

export function SavedViews() {
  const { t } = useText();
  // What is shown now changes with the address.
  useRoute();
  const saved = useTables((state) => state.saved);
  const { save } = useTables.getState();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const [renaming, setRenaming] = useState('');
  const now = withoutOpen(window.location.hash);
  const wanted = name.trim();
  function keep() {
    if (wanted === '') return;
    save({ name: wanted, hash: now });
    setName('');
  }
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        setRenaming('');
      }}
      title={t('resources.saved.title')}
      content={
        <div className="stack saved-views">
          {saved.length === 0 && <span className="muted">{t('resources.saved.none')}</span>}
          {saved.map((view) =>
            renaming === view.name ? (
              <Rename key={view.name} name={view.name} onDone={() => setRenaming('')} />
            ) : (
              <Entry
                key={view.name}
                view={view}
                now={now}
                onChoose={() => setOpen(false)}
                onRename={() => setRenaming(view.name)}
              />
            ),
          )}
          <div className="row">
            <Input
              value={name}
              maxLength={60}
              placeholder={t('resources.saved.name')}
              aria-label={t('resources.saved.name')}
              onChange={(event) => setName(event.target.value)}
              onPressEnter={keep}
              data-testid="saved-name"
            />
            <Button onClick={keep} disabled={wanted === ''} data-testid="saved-save">
              {t(saved.some((view) => view.name === wanted) ? 'resources.saved.replace' : 'common.save')}
            </Button>
          </div>
        </div>
      }
    >
      <Button icon={<BookmarkIcon />} aria-label={t('resources.saved.title')} data-testid="saved-views" />
    </Popover>
  );
}

interface EntryProps {
  view: SavedView;
  now: string;
  onChoose: () => void;
  onRename: () => void;
}

function Entry({ view, now, onChoose, onRename }: EntryProps) {
  const { t } = useText();
  const { save, forget } = useTables.getState();
  const current = view.hash === now;
  const { resource, filter } = parseResourcesPlace(parseRoute(view.hash));
  const what = `${resource === null ? '' : kindName(resource)} ${filter}`.trim();
  const { name } = view;
  return (
    <div className="row between saved-view" data-current={current}>
      <a
        href={view.hash}
        className="grow ellipsis"
        title={what}
        aria-current={current ? 'page' : undefined}
        onClick={onChoose}
        data-testid={`saved-${name}`}
      >
        {name} <span className="muted">{what}</span>
      </a>
      <span className="nowrap">
        {!current && (
          <Tool
            icon={<SaveIcon />}
            label={t('resources.saved.update', { name })}
            onClick={() => save({ name, hash: now })}
            testId={`saved-update-${name}`}
          />
        )}
        <Tool
          icon={<EditIcon />}
          label={t('resources.saved.rename', { name })}
          onClick={onRename}
          testId={`saved-rename-${name}`}
        />
        <Tool
          icon={<DeleteIcon />}
          label={t('resources.saved.forget', { name })}
          onClick={() => forget(name)}
          testId={`saved-forget-${name}`}
        />
      </span>
    </div>
  );
}

interface ToolProps {
  icon: React.ReactNode;
  label: string;
  onClick: () => void;
  testId: string;
}

function Tool({ icon, label, onClick, testId }: ToolProps) {
  return (
    <Button
      type="text"
      size="small"
      icon={icon}
      title={label}
      aria-label={label}
      onClick={onClick}
      data-testid={testId}
    />
  );
}

function Rename({ name, onDone }: { name: string; onDone: () => void }) {
  const { t } = useText();
  const [text, setText] = useState(name);
  const [taken, setTaken] = useState(false);
  function done() {
    const next = text.trim();
    if (next === '') return;
    if (useTables.getState().rename(name, next)) onDone();
    else setTaken(true);
  }
  return (
    <div className="stack saved-view">
      <div className="row">
        <Input
          autoFocus
          value={text}
          maxLength={60}
          status={taken ? 'error' : ''}
          aria-label={t('resources.saved.renamed', { name })}
          onChange={(event) => {
            setText(event.target.value);
            setTaken(false);
          }}
          onPressEnter={done}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            // The list stays open; only the renaming is given up.
            event.stopPropagation();
            onDone();
          }}
          data-testid="saved-new-name"
        />
        <Button icon={<CheckIcon />} aria-label={t('common.save')} onClick={done} data-testid="saved-new-name-done" />
      </div>
      {taken && <span className="text-error">{t('resources.saved.taken')}</span>}
    </div>
  );
}
