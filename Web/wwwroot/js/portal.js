// What the portal's pages need of the browser: copying, the address, and moving by keyboard.
window.portal = {
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // No clipboard permission (plain http): the old way.
      const box = document.createElement('textarea');
      box.value = text;
      box.style.position = 'fixed';
      box.style.opacity = '0';
      document.body.appendChild(box);
      box.select();
      const done = document.execCommand('copy');
      box.remove();
      return done;
    }
  },
  async save(name, stream) {
    const url = URL.createObjectURL(new Blob([await stream.arrayBuffer()], { type: 'text/csv' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    URL.revokeObjectURL(url);
  },
  keep(name, value) {
    const url = new URL(location.href);
    if (value) { url.searchParams.set(name, value); } else { url.searchParams.delete(name); }
    history.replaceState(history.state, '', url);
  },
};

(() => {
  const typing = (target) => target && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
  const rows = () => [...document.querySelectorAll('.p-table .p-row-link')];

  document.addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || !document.querySelector('.p-page')) { return; }
    if (document.querySelector('.mud-dialog')) { return; }
    const search = document.querySelector('.p-page [data-search]');
    if (e.key === '/' && !typing(e.target) && search) {
      e.preventDefault();
      search.focus();
      search.select();
      return;
    }
    if (e.target === search && e.key === 'Escape') {
      if (!search.value) { search.blur(); }
      return;
    }
    if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') { return; }
    const all = rows();
    const at = all.indexOf(document.activeElement);
    if (at < 0 && !(e.target === search && e.key === 'ArrowDown')) { return; }
    const next = e.key === 'ArrowDown' ? all[at + 1] : (at === 0 ? search : all[at - 1]);
    if (next) {
      e.preventDefault();
      next.focus();
    }
  });
})();

// On a phone the sections are a row that scrolls: the current one is brought into view.
(() => {
  let shown = null;
  new MutationObserver(() => {
    const current = document.querySelector('.portal-side .sidenav-current');
    if (current && current !== shown) {
      shown = current;
      const side = current.closest('.portal-side');
      if (side.scrollWidth > side.clientWidth) { side.scrollLeft = current.offsetLeft - side.clientWidth / 3; }
    }
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['class'] });
})();
