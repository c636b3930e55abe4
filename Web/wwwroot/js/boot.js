// Starts the circuit; after a lost connection it tries again for as long as it takes, and reloads when the
// server no longer knows the circuit. The address and the saved draft bring the page back to where it was.
(() => {
  const banner = document.getElementById('components-reconnect-modal');
  const text = banner.querySelector('.reconnect-text');
  const reachable = async () => {
    try { return (await fetch('/health/live', { cache: 'no-store' })).ok; } catch { return false; }
  };
  let waiting = false;
  const reloadWhenBack = async () => {
    if (waiting) return;
    waiting = true;
    banner.classList.add('reconnect-shown');
    while (!(await reachable())) await new Promise(r => setTimeout(r, 1500));
    location.reload();
  };
  let running = null;
  const start = () => Blazor.start({
    circuit: {
      reconnectionHandler: {
        onConnectionDown: () => {
          if (running) return;
          running = { stopped: false };
          const run = running;
          (async () => {
            await new Promise(r => setTimeout(r, 400));
            if (run.stopped) return;
            text.textContent = 'Connection lost. Trying again…';
            banner.classList.add('reconnect-shown');
            for (let wait = 300; !run.stopped; wait = Math.min(wait * 1.6, 5000)) {
              if (await reachable()) {
                try {
                  if (await Blazor.reconnect()) return;
                  return reloadWhenBack();
                } catch { /* the server is back but not yet listening for us */ }
              }
              await new Promise(r => setTimeout(r, wait));
            }
          })();
        },
        onConnectionUp: () => {
          if (running) running.stopped = true;
          running = null;
          banner.classList.remove('reconnect-shown');
        },
      },
    },
  });
  start();
})();
