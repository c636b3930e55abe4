// The webmail's few needs of the browser: keys, the editor, uploads, and where the list was left.
window.mail = (() => {
  // ---- keyboard -------------------------------------------------------------------------------------------
  let keyTarget = null;
  const typing = el => el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName));
  document.addEventListener('keydown', e => {
    if (!keyTarget || e.isComposing) return;
    const inField = typing(e.target);
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && e.target.closest && e.target.closest('.compose')) {
      e.preventDefault();
      keyTarget.invokeMethodAsync('OnKey', 'ctrl+enter', e.target.closest('.compose').dataset.key || '');
      return;
    }
    if (e.key === 'Escape') {
      if (inField && !e.target.closest('.compose')) { e.target.blur(); return; }
      if (!inField) keyTarget.invokeMethodAsync('OnKey', 'escape', '');
      return;
    }
    if (inField || e.ctrlKey || e.metaKey || e.altKey) return;
    if (document.querySelector('.mud-dialog') || (e.target.closest && e.target.closest('.mud-popover'))) return;
    if (e.key === 'Enter' && e.target.closest && e.target.closest('button, a')) return;
    if (e.key === '/') {
      e.preventDefault();
      document.querySelector('.search-input')?.focus();
      return;
    }
    if (/^[a-zA-Z#!?]$/.test(e.key) || e.key === 'Enter' || e.key === 'Delete') {
      if (e.key === 'Enter') e.preventDefault();
      keyTarget.invokeMethodAsync('OnKey', e.key, '');
    }
  });

  // ---- rows -----------------------------------------------------------------------------------------------
  document.addEventListener('dragstart', e => {
    const row = e.target.closest && e.target.closest('.row');
    if (row && e.dataTransfer) {
      e.dataTransfer.setData('text/plain', 'mail');
      e.dataTransfer.effectAllowed = 'move';
    }
  });
  // With a finger: right archives, left deletes. A sweep has to be clearly sideways, and long enough to be meant.
  let sweep = null;
  document.addEventListener('touchstart', e => {
    const row = e.touches.length === 1 && e.target.closest && e.target.closest('.list-scroll .row');
    sweep = row && keyTarget ? { row, x: e.touches[0].clientX, y: e.touches[0].clientY, by: 0, sure: false } : null;
  }, { passive: true });
  document.addEventListener('touchmove', e => {
    if (!sweep) return;
    const x = e.touches[0].clientX - sweep.x, y = e.touches[0].clientY - sweep.y;
    if (!sweep.sure) {
      if (Math.abs(y) > 12 && Math.abs(y) > Math.abs(x)) { sweep = null; return; }
      if (Math.abs(x) < 16) return;
      sweep.sure = true;
      sweep.row.classList.add('row-sweep');
    }
    if (e.cancelable) e.preventDefault();
    sweep.by = x;
    sweep.row.style.setProperty('--by', x + 'px');
    sweep.row.classList.toggle('row-sweep-right', x > 0);
    sweep.row.classList.toggle('row-sweep-far', Math.abs(x) > 110);
  }, { passive: false });
  const endSweep = () => {
    if (!sweep) return;
    const { row, by } = sweep;
    sweep = null;
    row.classList.remove('row-sweep', 'row-sweep-right', 'row-sweep-far');
    row.style.removeProperty('--by');
    if (Math.abs(by) > 110) keyTarget.invokeMethodAsync('OnSwipe', Number(row.getAttribute('aria-rowindex')) - 1, by > 0);
  };
  document.addEventListener('touchend', endSweep);
  document.addEventListener('touchcancel', () => { if (sweep) sweep.by = 0; endSweep(); });

  const showRow = (index, height) => {
    const list = document.querySelector('.list-scroll');
    if (!list) return;
    const top = index * height;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + height > list.scrollTop + list.clientHeight) list.scrollTop = top + height - list.clientHeight;
  };

  // Where each list was left: a reload, and the way back from a conversation, show the same place.
  let placeKey = '';
  document.addEventListener('scroll', e => {
    if (placeKey && e.target.classList?.contains('list-scroll')) {
      try { sessionStorage.setItem('at ' + placeKey, e.target.scrollTop); } catch { /* full */ }
    }
  }, true);
  const restore = key => {
    placeKey = '';
    const list = document.querySelector('.list-scroll');
    let at = 0;
    try { at = Number(sessionStorage.getItem('at ' + key)) || 0; } catch { /* storage is off */ }
    if (list && at > 0 && list.scrollTop !== at) list.scrollTop = at;
    placeKey = key;
  };
  const searches = () => { try { return JSON.parse(localStorage.getItem('mail.searches')) || []; } catch { return []; } };
  const searched = text => { try { localStorage.setItem('mail.searches', JSON.stringify([text, ...searches().filter(s => s !== text)].slice(0, 12))); } catch { /* full */ } };

  // ---- editor ---------------------------------------------------------------------------------------------
  // What may stand in the editor. Text from outside is parsed in an inert document and built again node by node,
  // so no markup that came by mail or clipboard is ever handed to the live document as markup.
  const allowed = { A: ['href'], B: [], BLOCKQUOTE: [], BR: [], CODE: [], DIV: [], EM: [], H1: [], H2: [], H3: [], I: [], LI: [], OL: [], P: [], PRE: [], S: [], STRONG: [], U: [], UL: [], SPAN: [] };
  const dropped = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'IFRAME', 'OBJECT', 'SVG', 'MATH', 'HEAD', 'TITLE', 'NOSCRIPT', 'TEXTAREA', 'SELECT', 'VIDEO', 'AUDIO']);
  const copy = (from, to, depth, pictures) => {
    if (depth > 60) return;
    for (const node of from.childNodes) {
      if (node.nodeType === 3) { to.appendChild(document.createTextNode(node.data)); continue; }
      if (node.nodeType !== 1) continue;
      const tag = node.tagName.toUpperCase();
      if (dropped.has(tag)) continue;
      if (tag === 'IMG') {
        // Only the message's own pictures, shown from where they were uploaded to.
        const cid = (node.getAttribute('src') || '').replace(/^cid:/i, '');
        if (pictures && Object.hasOwn(pictures, cid)) to.appendChild(picture(cid, pictures[cid]));
        continue;
      }
      if (!(tag in allowed)) { copy(node, to, depth + 1, pictures); continue; }
      const made = document.createElement(tag);
      for (const name of allowed[tag]) {
        const value = node.getAttribute(name);
        if (value && /^(https?:|mailto:)/i.test(value.trim())) made.setAttribute(name, value.trim());
      }
      copy(node, made, depth + 1, pictures);
      to.appendChild(made);
    }
  };
  const picture = (cid, source) => {
    const made = document.createElement('img');
    made.src = source;
    made.alt = '';
    made.dataset.cid = cid;
    return made;
  };
  const clean = (html, pictures) => {
    const fragment = document.createDocumentFragment();
    copy(new DOMParser().parseFromString(html, 'text/html').body, fragment, 0, pictures);
    return fragment;
  };
  // The text as it is sent: pictures by their content id, not by where this browser shows them from.
  const content = element => {
    const copied = element.cloneNode(true);
    for (const image of copied.querySelectorAll('img')) {
      const cid = image.dataset.cid;
      if (!cid) { image.remove(); continue; }
      for (const attribute of [...image.attributes]) image.removeAttribute(attribute.name);
      image.setAttribute('src', 'cid:' + cid);
    }
    return copied.innerHTML;
  };
  const editors = new Map();
  const localKey = key => 'draft.' + key;

  const paste = e => {
    const rich = e.clipboardData?.getData('text/html');
    e.preventDefault();
    const selection = getSelection();
    if (!selection.rangeCount) return;
    if (rich) {
      const holder = document.createElement('div');
      holder.appendChild(clean(rich));
      document.execCommand('insertHTML', false, holder.innerHTML);
    } else {
      document.execCommand('insertText', false, e.clipboardData.getData('text/plain'));
    }
  };

  const store = (key, change) => {
    try {
      const old = JSON.parse(localStorage.getItem(localKey(key)) || '{}');
      localStorage.setItem(localKey(key), JSON.stringify({ ...old, at: Date.now(), ...change }));
    } catch { /* full */ }
  };

  const open = (key, element, target, html, focus, pictures) => {
    element.replaceChildren(clean(html, pictures));
    const state = { element, target, timer: 0, range: null };
    editors.set(key, state);
    const changed = () => {
      store(key, { html: content(element) });
      clearTimeout(state.timer);
      state.timer = setTimeout(() => target.invokeMethodAsync('OnBodyAsync', content(element)).catch(() => { }), 700);
    };
    state.changed = changed;
    element.addEventListener('input', changed);
    element.addEventListener('blur', () => {
      const s = getSelection();
      if (s.rangeCount && element.contains(s.anchorNode)) state.range = s.getRangeAt(0).cloneRange();
    });
    element.addEventListener('paste', e => {
      const files = [...(e.clipboardData?.files || [])];
      if (files.length) { e.preventDefault(); upload(key, files, true); return; }
      paste(e);
    });
    const box = element.closest('.compose');
    box.addEventListener('dragover', e => { if (e.dataTransfer?.types.includes('Files')) { e.preventDefault(); box.classList.add('compose-drop'); } });
    box.addEventListener('dragleave', e => { if (!box.contains(e.relatedTarget)) box.classList.remove('compose-drop'); });
    box.addEventListener('drop', e => {
      box.classList.remove('compose-drop');
      if (e.dataTransfer?.files.length) { e.preventDefault(); upload(key, [...e.dataTransfer.files]); }
    });
    if (focus) {
      element.focus();
      const selection = getSelection();
      selection.removeAllRanges();
      const range = document.createRange();
      range.setStart(element, 0);
      selection.addRange(range);
    }
  };

  const format = (key, command, value) => {
    const state = editors.get(key);
    if (!state) return;
    state.element.focus();
    if (state.range && !state.element.contains(getSelection().anchorNode)) {
      getSelection().removeAllRanges();
      getSelection().addRange(state.range);
    }
    if (command === 'createLink' && !/^(https?:|mailto:)/i.test(value)) value = 'https://' + value;
    document.execCommand(command, false, value ?? null);
    state.changed();
  };

  // Every upload that runs or failed, so that it can be cancelled or tried again.
  const uploads = new Map();
  const inlineTypes = /^image\/(png|jpeg|gif|webp)$/;
  const newId = () => crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2);
  const upload = (key, files, pasted) => {
    const state = editors.get(key);
    if (!state) return;
    for (const file of files) {
      const id = newId();
      const name = file.name || 'image.png';
      const cid = pasted && inlineTypes.test(file.type) ? newId() + '@pasted' : null;
      state.target.invokeMethodAsync('OnUploadStartAsync', id, name, file.type || 'application/octet-stream', file.size, cid);
      const job = { key, file, cid, request: null, image: null };
      uploads.set(id, job);
      if (cid) {
        // The picture stands in the text at once, from the file itself.
        job.image = picture(cid, URL.createObjectURL(file));
        state.element.focus();
        const selection = getSelection();
        const range = selection.rangeCount && state.element.contains(selection.anchorNode) ? selection.getRangeAt(0) : null;
        if (range) { range.deleteContents(); range.insertNode(job.image); range.collapse(false); } else state.element.prepend(job.image);
        state.changed();
      }
      start(id);
    }
  };
  const start = id => {
    const job = uploads.get(id);
    const state = job && editors.get(job.key);
    if (!state) return;
    const request = job.request = new XMLHttpRequest();
    let told = 0;
    request.open('POST', '/mail/upload');
    request.setRequestHeader('X-Upload', '1');
    request.setRequestHeader('Content-Type', job.file.type || 'application/octet-stream');
    request.upload.onprogress = e => {
      const percent = Math.round(e.loaded / e.total * 100);
      if (e.lengthComputable && percent - told >= 4) { told = percent; state.target.invokeMethodAsync('OnUploadProgressAsync', id, percent); }
    };
    request.onload = () => {
      let blob = null;
      try { blob = JSON.parse(request.responseText).blobId; } catch { /* an error page */ }
      const done = request.status === 200 && blob;
      state.target.invokeMethodAsync('OnUploadDoneAsync', id, done ? blob : null,
        request.status === 413 ? 'Too large' : request.status === 401 ? 'Sign in again' : 'Failed');
      if (done) uploads.delete(id);
    };
    request.onerror = () => state.target.invokeMethodAsync('OnUploadDoneAsync', id, null, 'Connection lost');
    request.send(job.file);
  };
  const cancelUpload = id => {
    const job = uploads.get(id);
    if (!job) return;
    uploads.delete(id);
    if (job.request) { job.request.onerror = job.request.onload = null; job.request.abort(); }
    if (job.image) { job.image.remove(); editors.get(job.key)?.changed(); }
  };

  return {
    keys: target => { keyTarget = target; },
    noKeys: () => { keyTarget = null; },
    showRow,
    restore,
    searches,
    searched,
    caret: selector => { const el = document.querySelector(selector); if (el) { el.focus(); requestAnimationFrame(() => el.setSelectionRange(el.value.length, el.value.length)); } },
    signature: (id, html) => {
      const el = document.querySelector('[data-signature="' + CSS.escape(id) + '"]');
      if (!el) return;
      el.replaceChildren(clean(html));
      el.addEventListener('paste', e => paste(e));
    },
    signatureOf: id => document.querySelector('[data-signature="' + CSS.escape(id) + '"]')?.innerHTML ?? '',
    open,
    format,
    cancelUpload,
    retryUpload: start,
    keep: (key, meta) => store(key, { meta }),
    html: key => { const s = editors.get(key); return s ? content(s.element) : ''; },
    setHtml: (key, html) => { const s = editors.get(key); if (s) { s.element.replaceChildren(clean(html)); s.changed(); } },
    pick: key => {
      const input = document.createElement('input');
      input.type = 'file';
      input.multiple = true;
      input.onchange = () => upload(key, [...input.files]);
      input.click();
    },
    close: key => { const s = editors.get(key); if (s) { clearTimeout(s.timer); editors.delete(key); } },
    forget: key => { try { localStorage.removeItem(localKey(key)); } catch { /* nothing to forget */ } },
    // Letters of a circuit that died before it could save them.
    orphans: () => {
      const found = [];
      try {
        for (let i = 0; i < localStorage.length; i++) {
          const key = localStorage.key(i);
          if (!key.startsWith('draft.')) continue;
          const value = JSON.parse(localStorage.getItem(key));
          if (Date.now() - value.at > 7 * 86400e3) localStorage.removeItem(key);
          else if (!editors.has(key.slice(6))) found.push({ key: key.slice(6), html: value.html || '', meta: value.meta || null });
        }
      } catch { /* storage is off */ }
      return found;
    },
    paneWidth: () => Math.round(document.querySelector('.reading')?.clientWidth || 760),
    phone: () => matchMedia('(max-width: 800px)').matches,
    focus: selector => document.querySelector(selector)?.focus(),
  };
})();
