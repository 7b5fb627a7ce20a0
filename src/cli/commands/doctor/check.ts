// One thing that the doctor has looked at: how it is, and what to do where it is not well.

export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'fault';
  readonly text: string;
  /** What to do; there where the state is not ok. */
  readonly advice?: string;
}

export const ok = (name: string, text: string): Check => ({ name, state: 'ok', text });

export const warning = (name: string, text: string, advice: string): Check => ({
  ...{ name, state: 'warning', text, advice },
});

export const fault = (name: string, text: string, advice: string): Check => ({
  ...{ name, state: 'fault', text, advice },
});
