// The alert of divert pages, for comfort only: the page shows every change without it.
// It says a new change aloud to screen readers, and plays a tone if somebody at this screen switched that on.
(function () {
  'use strict';

  var KEY = 'lifeboat-divert-sound';
  var box = document.getElementById('divert-sound'), button = document.getElementById('divert-sound-switch');
  var words = document.getElementById('divert-sound-words'), heard = document.getElementById('divert-heard');
  var context = null, known = newest();

  function newest() {
    var alert = document.querySelector('[data-divert-alert]');
    return alert ? Number(alert.dataset.divertAlert) || 0 : 0;
  }

  function wanted() {
    try { return window.sessionStorage.getItem(KEY) === 'on'; } catch (e) { return false; }
  }

  function keep(on) {
    try { window.sessionStorage.setItem(KEY, on ? 'on' : 'off'); } catch (e) { /* It then holds for this page alone. */ }
  }

  function show() {
    if (!button) return;
    var on = wanted(), ready = on && context && context.state === 'running';
    button.setAttribute('aria-pressed', on ? 'true' : 'false');
    button.textContent = 'Sound on a change: ' + (on ? 'on' : 'off');
    words.textContent = on && !ready ? 'This browser plays sound only after a press: press twice to hear it here.'
      : on ? 'A tone is played at this screen whenever a divert changes.'
        : 'Press to hear a tone at this screen whenever a divert changes.';
  }

  function open() {
    var Kind = window.AudioContext || window.webkitAudioContext;
    if (!Kind) return;
    if (!context) context = new Kind();
    if (context.state === 'suspended') context.resume().then(show, show);
  }

  // Three tones, rising: told from a bleep and from an alarm of a monitor.
  function play() {
    if (!wanted() || !context || context.state !== 'running') return;
    [523, 659, 784].forEach(function (hertz, index) {
      var tone = context.createOscillator(), loud = context.createGain(), at = context.currentTime + index * 0.22;
      tone.frequency.value = hertz;
      loud.gain.setValueAtTime(0.0001, at);
      loud.gain.exponentialRampToValueAtTime(0.3, at + 0.03);
      loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
      tone.connect(loud).connect(context.destination);
      tone.start(at);
      tone.stop(at + 0.22);
    });
  }

  function look() {
    var now = newest();
    if (now > known) {
      known = now;
      if (heard) {
        heard.hidden = false;
        heard.textContent = 'A divert has changed. It stands at the top of this page.';
      }
      document.body.dataset.divertHeard = String(now);
      play();
    }
  }

  if (box) box.hidden = false;
  if (button) {
    button.addEventListener('click', function () {
      keep(!wanted());
      if (wanted()) { open(); play(); }
      show();
    });
    if (wanted()) open();
    show();
  }
  document.addEventListener('htmx:afterSettle', look);
})();
