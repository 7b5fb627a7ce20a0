// What is wrong with a template, and where.

export interface TemplateSource {
  /** File name or address; what `{{ template "NAME" }}` and messages call it. */
  readonly name: string;
  readonly text: string;
}

export class TemplateError extends Error {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly reason: string;

  constructor(source: TemplateSource, offset: number, reason: string) {
    const before = source.text.slice(0, offset);
    const line = before.split('\n').length;
    const column = offset - (before.lastIndexOf('\n') + 1) + 1;
    super(`${source.name}:${line}:${column}: ${reason}`);
    this.name = 'TemplateError';
    this.file = source.name;
    this.line = line;
    this.column = column;
    this.reason = reason;
  }
}
