// Which texts mean yes, as query parameters and forms of the protocol write it.
const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);

export const isTrue = (text: string | null | undefined): boolean => TRUE.has(text ?? '');
