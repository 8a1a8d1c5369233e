/** Text to take along: shown in full, copied by one click. */
import { Button, Tooltip } from 'antd';
import { useText } from '../stores/text.ts';
import { CopyIcon } from './icons.ts';
import { useNotify } from './notify.ts';
import './copy.css';

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const { t } = useText();
  const notify = useNotify();
  return (
    <Tooltip title={label ?? t('common.copy')}>
      <Button
        type="text"
        icon={<CopyIcon />}
        aria-label={label ?? t('common.copy')}
        onClick={() => {
          void navigator.clipboard.writeText(text).then(() => notify.success(t('common.copied')));
        }}
      />
    </Tooltip>
  );
}

export function CopyText({ text, testId }: { text: string; testId?: string }) {
  return (
    <span className="copy-text">
      <code className="ellipsis" title={text} data-testid={testId}>
        {text}
      </code>
      <CopyButton text={text} />
    </span>
  );
}

/** A command or a file to copy, over several lines. */
export function CopyBlock({ text, testId }: { text: string; testId?: string }) {
  return (
    <div className="copy-block">
      <pre data-testid={testId}>{text}</pre>
      <CopyButton text={text} />
    </div>
  );
}
