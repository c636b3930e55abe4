// Sets light or dark and the density before the first paint, and follows the system when asked to.
(() => {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const read = (key, fallback) => { try { return localStorage.getItem(key) || fallback; } catch { return fallback; } };
  const write = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private window */ } };
  const apply = () => {
    const choice = read('theme', 'system');
    root.dataset.theme = choice === 'system' ? (dark.matches ? 'dark' : 'light') : choice;
    root.dataset.density = read('density', 'comfortable');
  };
  dark.addEventListener('change', apply);
  // Enhanced navigation may bring the server's attributes back.
  new MutationObserver(() => {
    const choice = read('theme', 'system');
    const want = choice === 'system' ? (dark.matches ? 'dark' : 'light') : choice;
    if (root.dataset.theme !== want || !root.dataset.density) apply();
  }).observe(root, { attributes: true, attributeFilter: ['data-theme', 'data-density'] });
  window.theme = {
    choice: () => read('theme', 'system'),
    choose: value => { write('theme', value); apply(); },
    density: () => read('density', 'comfortable'),
    chooseDensity: value => { write('density', value); apply(); },
    isDark: () => root.dataset.theme === 'dark',
  };
  apply();
})();
