// Tables and texts of the generated pages.

export const GENERATED =
  'This page is generated from the source (`npm run docs`). Change it there; `npm run check` compares.';

/** Rows below a header, as GitHub writes tables. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(header), `|${header.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n');
}

/** A bar would end the cell, a line break the table. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export const code = (text: string): string => `\`${text}\``;

/** Blocks with a blank line between them and one line end at the end. */
export const page = (...blocks: readonly string[]): string =>
  `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
