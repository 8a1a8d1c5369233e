/** One labelled input with its help and its error, tied together for screen readers. */
import { cloneElement, type ReactElement, type ReactNode, useId } from 'react';
import './field.css';

export interface FieldProps {
  label: ReactNode;
  /** What is wrong with the value, in words. */
  error?: string | undefined;
  help?: ReactNode;
  required?: boolean;
  /** The input; gets id and aria attributes. */
  children: ReactElement<{ id?: string; status?: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }>;
  testId?: string;
}

export function Field({ label, error, help, required = false, children, testId }: FieldProps) {
  const id = useId();
  const note = error ?? help;
  return (
    <div className="field" data-invalid={error !== undefined} data-testid={testId}>
      <label htmlFor={id}>
        {label}
        {required && (
          <span className="field-required" aria-hidden="true">
            *
          </span>
        )}
      </label>
      {cloneElement(children, {
        id,
        'aria-invalid': error !== undefined,
        ...(error === undefined ? {} : { status: 'error' }),
        ...(note === undefined ? {} : { 'aria-describedby': `${id}-note` }),
      })}
      {note !== undefined && (
        <div
          id={`${id}-note`}
          className={error === undefined ? 'field-help' : 'field-error'}
          role={error === undefined ? undefined : 'alert'}
        >
          {note}
        </div>
      )}
    </div>
  );
}
