// What is wrong with a template, and where.

export interface TemplateSource {
  /** What `{{ template "NAME" }}` calls it. */
  readonly name: string;
  /** What people call it, where that is more: a path. */
  readonly file?: string;
  readonly text: string;
}

export class TemplateError extends Error {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly reason: string;
  /** Whether it fails with any data, not just with what it was given. */
  readonly isCertain: boolean;

  constructor(source: TemplateSource, offset: number, reason: string, isCertain = true) {
    const before = source.text.slice(0, offset);
    const line = before.split('\n').length;
    const column = offset - (before.lastIndexOf('\n') + 1) + 1;
    const file = source.file ?? source.name;
    super(`${file}:${line}:${column}: ${reason}`);
    this.name = 'TemplateError';
    this.file = file;
    this.line = line;
    this.column = column;
    this.reason = reason;
    this.isCertain = isCertain;
  }
}
