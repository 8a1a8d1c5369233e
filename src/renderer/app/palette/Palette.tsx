/**
 * The command palette: type, choose with the arrows, Enter. Opened by Ctrl-K or Cmd-K from anywhere. Below the commands
 * come the objects of all clusters that fit what is typed, as they are found.
 */
import { type KeyboardEvent, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { useFrame } from '../../stores/frame.ts';
import { useOnce } from '../../stores/once.ts';
import { useText } from '../../stores/text.ts';
import { Input, type InputRef, Modal } from '../../ui/controls.ts';
import { SearchIcon } from '../../ui/icons.ts';
import { Fence } from '../shell/Fence.tsx';
import { useCommands } from './commands.ts';
import { type Command, matchCommands } from './match.ts';
import { useObjectSearch } from './objects.ts';
import './palette.css';

const MOST = 60;
const MOST_WITH_OBJECTS = 8;

export function Palette() {
  const open = useFrame((state) => state.paletteOpen);
  const setOpen = useFrame((state) => state.setPaletteOpen);
  const { t } = useText();
  if (!useOnce(open)) return null;
  return (
    <Modal
      open={open}
      onCancel={() => setOpen(false)}
      footer={null}
      closable={false}
      destroyOnHidden
      width={600}
      className="palette"
      style={{ top: 80 }}
      title={<span className="visually-hidden">{t('shell.palette.open')}</span>}
    >
      <Fence place="palette">
        <PaletteBody onDone={() => setOpen(false)} />
      </Fence>
    </Modal>
  );
}

function PaletteBody({ onDone }: { onDone: () => void }) {
  const { t } = useText();
  const input = useRef<InputRef>(null);
  useTypingGoesTo(input);
  const commands = useCommands();
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const objects = useObjectSearch(query);
  const found = useMemo(() => {
    const fitting = matchCommands(commands, query);
    // Objects are what a longer text looks for: they must not be pushed out by commands.
    return [...fitting.slice(0, objects.commands.length > 0 ? MOST_WITH_OBJECTS : MOST), ...objects.commands];
  }, [commands, query, objects.commands]);
  const at = Math.min(active, found.length - 1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of the active row that scrolls.
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  function run(command: Command | undefined) {
    if (command === undefined) return;
    onDone();
    command.run();
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((at + step + found.length) % Math.max(1, found.length));
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      run(found[at]);
    }
  }
  return (
    <div className="stack" data-testid="palette">
      <Input
        ref={input}
        autoFocus
        size="large"
        prefix={<SearchIcon />}
        placeholder={t('shell.palette.placeholder')}
        aria-label={t('shell.palette.placeholder')}
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[at] === undefined ? undefined : `palette-${at}`}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        data-testid="palette-input"
      />
      <div ref={list} id="palette-list" className="palette-list" role="listbox" aria-label={t('shell.palette.open')}>
        {found.length === 0 && !objects.running && (
          <p className="palette-empty muted">{t('shell.palette.empty', { query })}</p>
        )}
        {found.map((command, index) => (
          <div
            key={command.id}
            id={`palette-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className="palette-item"
            data-testid="palette-item"
            onClick={() => run(command)}
            onMouseMove={() => setActive(index)}
          >
            <span className="grow ellipsis">{command.title}</span>
            <span className="muted ellipsis">{command.detail ?? t(`shell.palette.groups.${command.group}`)}</span>
          </div>
        ))}
      </div>
      <p className="muted palette-help" data-testid="palette-progress">
        {objects.answer === null
          ? t('shell.palette.help')
          : t(objects.running ? 'shell.palette.searching' : 'shell.palette.found', {
              count: objects.answer.total,
              answered: objects.answer.answered,
              asked: objects.answer.asked,
            })}
        {objects.answer !== null && objects.answer.shallow.length > 0 && (
          <span className="text-warning" data-testid="palette-shallow">
            {t('shell.palette.shallow', { what: objects.shallow.join(', ') })}
          </span>
        )}
        {objects.answer !== null && objects.answer.failed.length > 0 && (
          <span className="text-warning">
            {t('shell.palette.notSearched', { count: objects.answer.failed.length })}
          </span>
        )}
      </p>
    </div>
  );
}

/**
 * Who types right after the shortcut types into the palette: the dialog takes the focus itself when it becomes visible,
 * which may be after the input asked for it. A key goes to what has the focus after its `keydown`.
 */
function useTypingGoesTo(input: RefObject<InputRef | null>): void {
  useEffect(() => {
    const onKeyDown = () => {
      if (document.activeElement !== input.current?.input) input.current?.focus();
    };
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [input]);
}
