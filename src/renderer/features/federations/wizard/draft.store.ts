/** Drafts of the workload wizard, one per federation: kept until created or discarded, whatever page one looks at meanwhile. */
import { create } from 'zustand';
import { type Draft, emptyDraft, type Scheduling, type TemplateForm } from './model.ts';

export interface DraftsState {
  drafts: Readonly<Record<string, Draft>>;
  steps: Readonly<Record<string, number>>;
  change(federation: string, change: Partial<Draft>): void;
  changeForm(federation: string, change: Partial<TemplateForm>): void;
  changeScheduling(federation: string, change: Partial<Scheduling>): void;
  /** Makes a draft when there is none; all members are chosen at first. */
  begin(federation: string, clusters: readonly string[]): void;
  setStep(federation: string, step: number): void;
  discard(federation: string): void;
}

export function createDrafts() {
  return create<DraftsState>()((set, get) => {
    function put(federation: string, change: (draft: Draft) => Draft) {
      const drafts = get().drafts;
      set({ drafts: { ...drafts, [federation]: change(drafts[federation] ?? emptyDraft()) } });
    }
    return {
      drafts: {},
      steps: {},
      change: (federation, change) => put(federation, (draft) => ({ ...draft, ...change })),
      changeForm: (federation, change) =>
        put(federation, (draft) => ({ ...draft, form: { ...draft.form, ...change } })),
      changeScheduling: (federation, change) =>
        put(federation, (draft) => ({ ...draft, scheduling: { ...draft.scheduling, ...change } })),
      begin(federation, clusters) {
        if (get().drafts[federation] === undefined) put(federation, () => emptyDraft(clusters));
      },
      setStep: (federation, step) => set({ steps: { ...get().steps, [federation]: step } }),
      discard(federation) {
        const { [federation]: _draft, ...drafts } = get().drafts;
        const { [federation]: _step, ...steps } = get().steps;
        set({ drafts, steps });
      },
    };
  });
}

export const useDrafts = createDrafts();
