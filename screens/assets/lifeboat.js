// Lifeboat's own script, for comfort only: every page works without it.
// It counts ages up, says when the page is no longer live, moves through lists with the arrow keys, and keeps what a
// reader had opened when a part of the page is renewed. It keeps nothing and sends nothing.
(function () {
  'use strict';

  // Ages: counted from the moment this page first showed them, so a wrong clock on this machine does not matter.
  var firstSeen = new WeakMap();

  function counted(n, unit) { return n + ' ' + unit + (n === 1 ? '' : 's'); }

  function span(seconds) {
    var minutes = Math.floor(seconds / 60), hours = Math.floor(seconds / 3600), days = Math.floor(seconds / 86400);
    if (seconds < 60) return counted(seconds, 'second');
    if (minutes < 60) return counted(minutes, 'minute');
    if (hours < 6 && minutes % 60 !== 0) return counted(hours, 'hour') + ' ' + counted(minutes % 60, 'minute');
    if (hours < 48) return counted(hours, 'hour');
    if (days < 61) return counted(days, 'day');
    if (days < 731) return counted(Math.floor(days * 12 / 365), 'month');
    return counted(Math.floor(days * 100 / 36525), 'year');
  }

  function judge(element, age) {
    var amber = Number(element.dataset.amber || 0), red = Number(element.dataset.red || 0);
    var stamp = element.closest('.stamp');
    if (!amber || !stamp) return;
    var level = age >= red ? 'red' : age >= amber ? 'amber' : 'good';
    // A page may only get worse by itself; better news comes from the server.
    if (level === 'good' || stamp.classList.contains('stamp-red') || stamp.classList.contains('stamp-' + level)) return;
    stamp.classList.remove('stamp-good', 'stamp-amber');
    stamp.classList.add('stamp-' + level);
    var words = stamp.querySelector('.stamp-words');
    if (!words) {
      words = document.createElement('strong');
      words.className = 'stamp-words';
      stamp.append(' ', words);
    }
    if (words.textContent === '' || words.textContent === 'Getting old') words.textContent = level === 'red' ? 'Old' : 'Getting old';
  }

  function tick() {
    var now = Date.now(), running = performance.now();
    document.querySelectorAll('[data-age]').forEach(function (element) {
      var seen = firstSeen.get(element);
      if (!seen) { seen = { date: now, running: running }; firstSeen.set(element, seen); }
      // The larger of two clocks: one stops while the machine sleeps, the other may be set back.
      var passed = Math.max(now - seen.date, running - seen.running, 0) / 1000;
      var age = Number(element.dataset.age) + Math.floor(passed);
      var text = age < 0 ? 'in ' + span(-age) : span(age) + ' ago';
      if (element.textContent !== text) element.textContent = text;
      judge(element, age);
    });
  }

  // Live: the stream is closed while nobody looks (a browser has few connections to share between its tabs), and the
  // page is asked for again as soon as somebody does.
  var sources = new Set(), everOpen = false, lostSince = 0;
  var LOST_MS = 12000;

  function refresh() {
    var live = document.querySelector('#live[hx-get]');
    if (live && window.htmx) window.htmx.trigger(live, 'refresh');
  }

  function showLost(lost) {
    var note = document.getElementById('not-live');
    if (note) note.hidden = !lost;
  }

  if (window.htmx) {
    window.htmx.createEventSource = function (address) {
      var source = new EventSource(address);
      sources.forEach(function (old) { if (old.readyState === EventSource.CLOSED) sources.delete(old); });
      sources.add(source);
      return source;
    };
  }
  document.addEventListener('htmx:sseOpen', function () {
    lostSince = 0;
    showLost(false);
    if (everOpen) refresh();
    everOpen = true;
  });
  document.addEventListener('htmx:sseError', function () { if (!lostSince) lostSince = Date.now(); });
  document.addEventListener('htmx:sendError', function () { if (!lostSince) lostSince = Date.now() - LOST_MS; });
  document.addEventListener('visibilitychange', function () {
    sources.forEach(function (source) {
      if (document.hidden) {
        source.close();
      } else if (source.readyState === EventSource.CLOSED) {
        sources.delete(source);
        source.dispatchEvent(new Event('error'));
      }
    });
    if (!document.hidden) { lostSince = 0; tick(); }
  });

  setInterval(function () {
    tick();
    if (lostSince && !document.hidden && Date.now() - lostSince >= LOST_MS) showLost(true);
  }, 1000);
  tick();

  // What a reader had opened stays open when the page is renewed.
  var opened = [];
  document.addEventListener('htmx:beforeSwap', function () {
    opened = Array.from(document.querySelectorAll('#live details[open][id]'), function (d) { return d.id; });
  });
  document.addEventListener('htmx:afterSettle', function () {
    opened.forEach(function (id) { var d = document.getElementById(id); if (d) d.open = true; });
    tick();
  });

  // Keys. Single keys can be turned off at the foot of every page.
  function typing(target) {
    return target instanceof Element && target.closest('input, textarea, select, [contenteditable]');
  }

  function step(from, by) {
    var items = Array.from(document.querySelectorAll('[data-item]'));
    if (!items.length) return false;
    var at = items.indexOf(from);
    var next = items[at < 0 ? (by > 0 ? 0 : items.length - 1) : at + by];
    if (next) { next.focus(); return true; }
    var box = document.querySelector('[data-find]');
    if (at === 0 && by < 0 && box) { box.focus(); return true; }
    return at >= 0;
  }

  // Buttons that print the page are of no use without a script, and so stand hidden until there is one.
  document.querySelectorAll('[data-print]').forEach(function (button) {
    button.hidden = false;
    button.addEventListener('click', function () { window.print(); });
  });

  document.addEventListener('keydown', function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    var target = event.target, find = target instanceof Element && target.closest('[data-find]');
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      var item = target instanceof Element && target.closest('[data-item]');
      if ((find || item) && step(item, event.key === 'ArrowDown' ? 1 : -1)) event.preventDefault();
      return;
    }
    if (event.key === 'Enter' && find) {
      // Only when what is listed answers what is in the box now; else the form is sent as it is without a script.
      var found = document.getElementById('found');
      var answered = found && found.dataset.question === find.value.trim().replace(/\s+/g, ' ');
      var items = found ? found.querySelectorAll('[data-item]') : [];
      if (answered && items.length) {
        event.preventDefault();
        if (items.length === 1) items[0].click(); else items[0].focus();
      }
      return;
    }
    if (typing(target) || document.body.dataset.keys === 'off') return;
    if (event.key === '/') {
      var box = document.querySelector('[data-find]') || document.getElementById('quick');
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    } else if (event.key === 'p') {
      var print = document.querySelector('[data-key="p"]');
      if (print) { event.preventDefault(); print.click(); }
    }
  });
})();
