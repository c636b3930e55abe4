// Sets light or dark, the density and the place of the reading pane before the first paint, and follows the system
// when asked to. The server keeps the choices; this is the copy that the first paint needs.
(() => {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const read = (key, fallback) => { try { return localStorage.getItem(key) || fallback; } catch { return fallback; } };
  const write = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private window */ } };
  let watcher = null;
  const look = () => ({
    dark: root.dataset.theme === 'dark',
    rowHeight: parseInt(getComputedStyle(root).getPropertyValue('--row'), 10) || 76,
    alone: root.dataset.pane === 'off' || matchMedia('(max-width: 800px)').matches,
  });
  let told = '';
  const tell = () => {
    if (!watcher) return;
    const now = look();
    const text = JSON.stringify(now);
    if (text === told) return;
    told = text;
    watcher.invokeMethodAsync('OnLook', now.dark, now.rowHeight, now.alone).catch(() => { watcher = null; });
  };
  const wanted = () => {
    const choice = read('theme', 'system');
    return choice === 'system' ? (dark.matches ? 'dark' : 'light') : choice;
  };
  const apply = () => {
    root.dataset.theme = wanted();
    root.dataset.density = read('density', 'comfortable');
    root.dataset.pane = read('pane', 'right');
    tell();
  };
  dark.addEventListener('change', apply);
  addEventListener('resize', tell);
  // Enhanced navigation may bring the server's attributes back.
  new MutationObserver(() => {
    if (root.dataset.theme !== wanted() || !root.dataset.density || !root.dataset.pane) apply();
  }).observe(root, { attributes: true, attributeFilter: ['data-theme', 'data-density', 'data-pane'] });
  const mark = () => { const now = look(); told = JSON.stringify(now); return now; };
  window.theme = {
    choice: () => read('theme', 'system'),
    choose: value => { write('theme', value); apply(); },
    isDark: () => root.dataset.theme === 'dark',
    watch: target => { watcher = target; return mark(); },
    show: (theme, density, pane) => { write('theme', theme); write('density', density); write('pane', pane); const w = watcher; watcher = null; apply(); watcher = w; return mark(); },
  };
  apply();
})();
