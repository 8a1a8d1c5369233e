/** What the views bench asks of its workers, and what they answer: one JSON document each way. */

export interface Task {
  what: 'views' | 'informer' | 'churn' | 'storm' | 'search' | 'hour';
  /** Kubeconfigs of the API servers; when there are more targets than these, several targets share one. */
  kubeconfigs: readonly string[];
  context?: string;
  targets: number;
  /** `churn`: how long to look. */
  seconds?: number;
}

/** Times in milliseconds, memory in MB. */
export type Answer = Record<string, number>;
