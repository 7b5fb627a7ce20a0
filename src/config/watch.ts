// Watches configuration files, and asks for a new configuration when one of them changes.
import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';

/** Editors write in several steps, and orchestrators swap links: one reload answers all of it. */
const SETTLE_MS = 60;

/** Calls `onChange` after changes of the files; their folders are watched, so that re-created files and swapped links count. */
export function watchFiles(files: readonly string[], onChange: () => void): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  const folders = new Set(files.map((file) => path.dirname(path.resolve(file))));
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onChange, SETTLE_MS);
    timer.unref();
  };
  const watchers: FSWatcher[] = [...folders].map((folder) => {
    const names = new Set(files.map((file) => path.basename(file)));
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      // Swapped links show under another name, such as ..data.
      if (name === null || names.has(name) || name.startsWith('..')) later();
    });
    watcher.on('error', () => undefined); // a folder that vanished is not watched any more; the configuration stays
    return watcher;
  });
  return {
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
