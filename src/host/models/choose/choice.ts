/** A line to choose from, as plain data. A line without a value informs and cannot be chosen. */
export interface Choice<T> {
  /** A codicon. */
  readonly icon: string;
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly value?: T;
}

/** Stands in a list until it is known what can be chosen. */
export const waiting = (label: string): ChoiceGroup<never> => ({ heading: '', choices: [{ icon: 'loading~spin', label }] });

/** Lines under a common heading, which may be empty. */
export interface ChoiceGroup<T> {
  readonly heading: string;
  readonly choices: readonly Choice<T>[];
}
