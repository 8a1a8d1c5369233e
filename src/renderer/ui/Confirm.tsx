/**
 * The question before something is lost. It names the object and the cluster, may ask for the name to be typed, stays
 * open while the work runs, and shows its error in place.
 */
import { type ButtonProps, Input, Modal } from 'antd';
import { createContext, type ReactNode, useCallback, useContext, useLayoutEffect, useRef, useState } from 'react';
import type { AppErrorShape } from '#shared/errors.ts';
import { useText } from '../stores/text.ts';
import { ErrorNotice } from './Feedback.tsx';
import { useFocusBack } from './focus-back.ts';

export interface ConfirmProps {
  open: boolean;
  title: string;
  children: ReactNode;
  /** The word on the button: the very action, never "OK". */
  action: string;
  danger?: boolean;
  /** Must be typed before the button works. */
  typeToConfirm?: string;
  pending: boolean;
  error: AppErrorShape | null;
  /** Said beside the button when the action is impossible as things are. */
  disabled?: boolean;
  onConfirm: () => void;
  onCancel: () => void;
}

const Hold = createContext<((change: 1 | -1) => void) | null>(null);

/**
 * Inside a question: its button waits while `held`, for what is about to be shown above it. A button that removes something
 * does not move under the pointer.
 */
export function useHoldConfirm(held: boolean): void {
  const hold = useContext(Hold);
  useLayoutEffect(() => {
    if (!held || hold === null) return;
    hold(1);
    return () => hold(-1);
  }, [held, hold]);
}

export function Confirm(props: ConfirmProps) {
  const { t } = useText();
  useFocusBack();
  const [typed, setTyped] = useState('');
  const [holds, setHolds] = useState(0);
  const hold = useCallback((change: 1 | -1) => setHolds((count) => count + change), []);
  const body = useRef<HTMLDivElement>(null);
  const ready =
    props.disabled !== true && holds === 0 && (props.typeToConfirm === undefined || typed === props.typeToConfirm);
  const okButton: ButtonProps & Record<`data-${string}`, string> = {
    danger: props.danger ?? false,
    disabled: !ready,
    'data-testid': 'confirm-ok',
  };
  return (
    <Modal
      open={props.open}
      title={props.title}
      okText={props.action}
      cancelText={t('common.cancel')}
      okButtonProps={okButton}
      confirmLoading={props.pending}
      onOk={props.onConfirm}
      onCancel={props.onCancel}
      afterClose={() => setTyped('')}
      afterOpenChange={(open) => open && focusFirstField(body.current)}
      destroyOnHidden
      width={520}
      data-testid="confirm"
    >
      <div className="stack" ref={body}>
        <div>
          <Hold.Provider value={hold}>{props.children}</Hold.Provider>
        </div>
        {props.typeToConfirm !== undefined && (
          <label className="stack">
            <span className="muted">{t('common.typeToConfirm', { name: props.typeToConfirm })}</span>
            <Input
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              autoFocus
              data-testid="confirm-name"
              onPressEnter={() => ready && props.onConfirm()}
            />
          </label>
        )}
        {props.error !== null && <ErrorNotice error={props.error} />}
      </div>
    </Modal>
  );
}

/** The library gives the focus to the first thing there is, which closes the dialog; a person wants to fill it in. */
function focusFirstField(body: HTMLElement | null): void {
  if (body === null || body.contains(document.activeElement)) return;
  body.querySelector<HTMLElement>('input:enabled, textarea:enabled')?.focus({ preventScroll: true });
}
