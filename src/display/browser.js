(function (data) {
  "use strict";
  var LEFT = 56, RIGHT = 14, TOP = 8, TALL = 150, AXIS = 20, LANE = 14, MAP = 26, INK = "#262626", FAINT = "#707070";
  var FONT = "10.5px DejaVu Sans, Verdana, Geneva, sans-serif";

  function bytes(text) {
    var raw = atob(text), out = new Uint8Array(raw.length);
    for (var i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
    return out;
  }

  var n = data.n, k = data.letters.length;
  var values = new Float32Array(bytes(data.values).buffer), rows = data.rows === null ? null : bytes(data.rows);
  var paths = data.outlines.map(function (outline) { return outline ? new Path2D(outline) : null; });

  // The letters of a position, smallest first.
  function stack(i) {
    if (rows) return rows[i] < k ? [[rows[i], values[i]]] : [];
    var all = [];
    for (var row = 0; row < k; row++) {
      var value = values[row * n + i];
      if (value !== 0) all.push([row, value]);
    }
    return all.sort(function (a, b) { return Math.abs(a[1]) - Math.abs(b[1]) || b[0] - a[0]; });
  }

  var above = new Float32Array(n), below = new Float32Array(n), strange = new Uint8Array(n);
  for (var i = 0; i < n; i++) {
    stack(i).forEach(function (part) {
      if (!isFinite(part[1])) strange[i] = 1;
      else if (part[1] > 0) above[i] += part[1];
      else below[i] += part[1];
    });
    if (strange[i]) above[i] = below[i] = 0;
  }

  function plain(value) {
    if (!isFinite(value)) return "not a number";
    return String(Number(value.toPrecision(4))).replace("-", "\u2212");
  }

  function short(name) {
    return name.length > 18 ? name.slice(0, 17) + "\u2026" : name;
  }

  function round(step) {
    var ten = Math.pow(10, Math.floor(Math.log10(step)));
    var factor = [1, 2, 5, 10].find(function (f) { return f * ten >= step * 0.999; });
    return factor * ten;
  }

  function start(root) {
    root.setAttribute("data-ready", "");
    var picture = root.querySelector("img");
    var lanes = data.hits.length ? Math.min(4, data.hits.length) : 0;
    var height = TOP + TALL + AXIS + lanes * LANE + 6 + MAP + 4;
    var from = 0, span = n, fitted = false, hover = -1, width = 820, queued = false, drag = null, hidden = 0, engaged = false;

    var bar = document.createElement("div");
    bar.style.cssText = "display:flex;gap:4px;align-items:center;padding:4px 8px;font:13px DejaVu Sans,Verdana,Geneva,sans-serif;color:" + INK;
    var title = document.createElement("span");
    title.textContent = data.title;
    title.style.cssText = "flex:1;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;padding-left:" + (LEFT - 12) + "px";
    var readout = document.createElement("span");
    readout.style.cssText = "font-variant-numeric:tabular-nums;font-size:12px;white-space:nowrap;padding-right:8px";
    bar.appendChild(title);
    bar.appendChild(readout);
    function button(text, label, act) {
      var made = document.createElement("button");
      made.type = "button";
      made.textContent = text;
      made.title = label;
      made.setAttribute("aria-label", label);
      made.style.cssText = "min-width:26px;height:24px;padding:0 6px;border:1px solid #b0b0b0;border-radius:4px;background:#f6f6f6;color:" + INK + ";font:inherit;font-size:12px;cursor:pointer";
      made.addEventListener("click", act);
      bar.appendChild(made);
      return made;
    }
    button("\u2212", "Zoom out (key \u2212)", function () { zoom(2, from + span / 2); });
    button("+", "Zoom in (key +)", function () { zoom(0.5, from + span / 2); });
    button("\u25c0", "Move left (arrow key)", function () { move(-span / 4); });
    button("\u25b6", "Move right (arrow key)", function () { move(span / 4); });
    var fit = button("fit", "Fit the height to what is shown (key f)", function () { toggle(); });
    fit.setAttribute("aria-pressed", "false");
    button("all", "Show everything (key Home)", function () { show(0, n); });

    var canvas = document.createElement("canvas");
    canvas.style.cssText = "display:block;width:100%;height:" + height + "px;touch-action:pan-y;cursor:grab";
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", picture ? picture.alt : data.title);
    canvas.title = "Drag to move; click, then turn the wheel to zoom; double click zooms in";
    if (picture) picture.style.display = "none";
    root.insertBefore(canvas, root.firstChild);
    root.insertBefore(bar, canvas);
    var pen = canvas.getContext("2d");

    function show(at, wide) {
      span = Math.min(n, Math.max(Math.min(n, 6), wide));
      from = Math.min(n - span, Math.max(0, at));
      later();
    }
    function zoom(factor, around) {
      var wide = Math.min(n, Math.max(Math.min(n, 6), span * factor));
      show(around - (around - from) * wide / span, wide);
    }
    function move(by) { show(from + by, span); }
    function toggle() {
      fitted = !fitted;
      fit.setAttribute("aria-pressed", String(fitted));
      fit.style.background = fitted ? "#cfe3f3" : "#f6f6f6";
      later();
    }
    function later() {
      if (queued) return;
      queued = true;
      requestAnimationFrame(draw);
    }
    function plotWidth() { return Math.max(40, width - LEFT - RIGHT); }
    function position(x) { return from + (x - LEFT) / plotWidth() * span; }

    // How far bins of a stretch reach, drawn as steps.
    function outline(low, count, box, y) {
      var bins = Math.max(1, Math.round(box.width));
      [[above, "#0072b2"], [below, "#d55e00"]].forEach(function (side) {
        pen.fillStyle = side[1];
        for (var b = 0; b < bins; b++) {
          var begin = Math.floor(low + b * count / bins), end = Math.max(begin + 1, Math.floor(low + (b + 1) * count / bins)), far = 0;
          for (var i = begin; i < Math.min(end, n); i++) if (Math.abs(side[0][i]) > Math.abs(far)) far = side[0][i];
          if (far !== 0) pen.fillRect(box.x + b, Math.min(y(0), y(far)), 1, Math.abs(y(far) - y(0)));
        }
      });
    }

    // Places the hits in view and returns them with how many have no room; names stand outside of arrows only when asked for.
    function placed(outside) {
      var slot = plotWidth() / span, ends = [], found = [], hidden = 0;
      pen.font = "9.5px DejaVu Sans, Verdana, Geneva, sans-serif";
      data.hits.forEach(function (hit) {
        if (hit[1] <= from || hit[0] >= from + span) return;
        var x = LEFT + Math.max(0, (hit[0] - from) * slot);
        var wide = Math.max(3, LEFT + Math.min(plotWidth(), (hit[1] - from) * slot) - x);
        var name = short(data.names[hit[3]]), text = pen.measureText(name).width, inside = text + 10 <= wide;
        var row = ends.findIndex(function (end) { return end <= x; });
        if (row < 0) row = ends.length;
        if (row >= lanes) {
          hidden++;
          return;
        }
        ends[row] = inside || !outside ? x + wide + 1 : x + wide + 8 + text;
        found.push({ hit: hit, x: x, wide: wide, row: row, name: name, inside: inside, named: inside || outside });
      });
      return { found: found, hidden: hidden };
    }

    function arrows(top) {
      var all = placed(true);
      if (all.hidden) all = placed(false);
      hidden = all.hidden;
      all.found.forEach(function (one) {
        var hit = one.hit, x = one.x, wide = one.wide, name = one.name, inside = one.inside;
        var y = top + one.row * LANE + 2, head = Math.min(5, wide / 2), color = data.colors[hit[3] % data.colors.length];
        pen.fillStyle = color[0];
        pen.beginPath();
        if (hit[2] === 0) pen.rect(x, y, wide, 10);
        else {
          var a = hit[2] < 0 ? x + wide : x, b = hit[2] < 0 ? x : x + wide, neck = hit[2] < 0 ? b + head : b - head;
          pen.moveTo(a, y);
          pen.lineTo(neck, y);
          pen.lineTo(b, y + 5);
          pen.lineTo(neck, y + 10);
          pen.lineTo(a, y + 10);
        }
        pen.fill();
        if (!one.named) return;
        pen.fillStyle = inside ? color[1] : INK;
        pen.textAlign = inside ? "center" : "left";
        pen.fillText(name, inside ? x + wide / 2 : x + wide + 3, y + 5);
      });
    }

    function draw() {
      queued = false;
      width = root.clientWidth || width;
      var ratio = window.devicePixelRatio || 1, plot = plotWidth(), slot = plot / span;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.fillStyle = "#ffffff";
      pen.fillRect(0, 0, width, height);
      pen.textBaseline = "middle";
      var begin = Math.max(0, Math.floor(from)), end = Math.min(n, Math.ceil(from + span));
      var low = data.low, high = data.high, i;
      if (fitted) {
        low = high = 0;
        for (i = begin; i < end; i++) {
          low = Math.min(low, below[i]);
          high = Math.max(high, above[i]);
        }
        if (low === high) high = 1;
      }
      var y = function (value) { return TOP + TALL * (high - value) / (high - low); };
      var x = function (i) { return LEFT + (i - from) * slot; };
      if (hover >= begin && hover < end) {
        pen.fillStyle = "#eceff3";
        pen.fillRect(x(hover), TOP, Math.max(1, slot), TALL);
      }
      pen.save();
      pen.beginPath();
      pen.rect(LEFT, TOP, plot, TALL);
      pen.clip();
      if (slot < 1) outline(from, span, { x: LEFT, width: plot }, y);
      else for (i = begin; i < end; i++) {
        if (strange[i]) {
          pen.fillStyle = "#c4c4c4";
          pen.fillRect(x(i), TOP, slot, TALL);
          continue;
        }
        var up = 0, down = 0, gap = Math.min(slot * 0.04, 0.6);
        stack(i).forEach(function (part) {
          var base = part[1] > 0 ? up : down, a = y(base), b = y(base + part[1]), path = paths[part[0]];
          if (part[1] > 0) up += part[1]; else down += part[1];
          pen.fillStyle = data.inks[part[0]];
          if (slot < 4 || !path) pen.fillRect(x(i), Math.min(a, b), slot, Math.abs(a - b));
          else {
            // From the top of a letter to its foot: negative letters stand on their heads.
            pen.setTransform(ratio * (slot - 2 * gap) / data.unit, 0, 0, ratio * (a - b) / data.unit, ratio * (x(i) + gap), ratio * b);
            pen.fill(path);
            pen.setTransform(ratio, 0, 0, ratio, 0, 0);
          }
        });
      }
      pen.restore();
      pen.strokeStyle = INK;
      pen.lineWidth = 0.9;
      pen.beginPath();
      pen.moveTo(LEFT, TOP);
      pen.lineTo(LEFT, TOP + TALL);
      pen.lineTo(LEFT + plot, TOP + TALL);
      pen.moveTo(LEFT, y(0));
      pen.lineTo(LEFT + plot, y(0));
      pen.font = FONT;
      pen.fillStyle = INK;
      pen.textAlign = "right";
      var step = round((high - low) / 4), tick;
      for (tick = Math.ceil(low / step - 1e-9); tick <= high / step + 1e-9; tick++) {
        pen.moveTo(LEFT - 3.5, y(tick * step));
        pen.lineTo(LEFT, y(tick * step));
        pen.fillText(plain(tick * step), LEFT - 6, y(tick * step));
      }
      pen.textAlign = "center";
      step = Math.max(1, round(70 / slot));
      for (tick = Math.ceil((begin + data.first) / step); tick * step < end + data.first; tick++) {
        var at = x(tick * step - data.first + 0.5);
        if (at < LEFT || at > LEFT + plot) continue;
        pen.moveTo(at, TOP + TALL);
        pen.lineTo(at, TOP + TALL + 3.5);
        pen.fillText(String(tick * step).replace("-", "\u2212"), at, TOP + TALL + 11);
      }
      pen.stroke();
      pen.save();
      pen.translate(10, TOP + TALL / 2);
      pen.rotate(-Math.PI / 2);
      pen.fillText(data.label, 0, 0);
      pen.restore();
      arrows(TOP + TALL + AXIS);
      var top = height - MAP - 2, least = data.low, most = data.high;
      outline(0, n, { x: LEFT, width: plot }, function (value) { return top + MAP * (most - value) / (most - least); });
      pen.strokeStyle = "#b0b0b0";
      pen.strokeRect(LEFT, top, plot, MAP);
      pen.fillStyle = "rgba(90,90,90,0.16)";
      pen.fillRect(LEFT, top, plot * from / n, MAP);
      pen.fillRect(LEFT + plot * (from + span) / n, top, plot * (n - from - span) / n, MAP);
      pen.strokeStyle = INK;
      pen.strokeRect(LEFT + plot * from / n, top, Math.max(2, plot * span / n), MAP);
      say();
    }

    function say() {
      if (hover < 0) {
        readout.textContent = "positions " + (Math.floor(from) + data.first) + " to " + (Math.ceil(from + span) - 1 + data.first) + (hidden ? ", no room for " + hidden + " hits" : "");
        return;
      }
      var parts = stack(hover).reverse().slice(0, 4).map(function (part) { return data.letters[part[0]] + " " + plain(part[1]); });
      var hits = data.hits.filter(function (hit) { return hit[0] <= hover && hover < hit[1]; }).slice(0, 3);
      parts = parts.concat(hits.map(function (hit) { return short(data.names[hit[3]]); }));
      readout.textContent = "position " + (hover + data.first) + "  " + (parts.join("  ") || "0");
    }

    function place(event) {
      var box = canvas.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    }
    function jump(x) { show((x - LEFT) / plotWidth() * n - span / 2, span); }
    canvas.addEventListener("pointerdown", function (event) {
      if (event.button !== 0) return;
      var at = place(event);
      engaged = true;
      drag = { x: at.x, from: from, map: at.y > height - MAP - 4 };
      canvas.setPointerCapture(event.pointerId);
      canvas.style.cursor = "grabbing";
      if (drag.map) jump(at.x);
    });
    canvas.addEventListener("pointermove", function (event) {
      var at = place(event);
      if (drag) {
        if (drag.map) jump(at.x);
        else show(drag.from - (at.x - drag.x) / plotWidth() * span, span);
        return;
      }
      var inside = at.x >= LEFT && at.x < LEFT + plotWidth() && at.y < height - MAP - 4;
      hover = inside ? Math.min(n - 1, Math.floor(position(at.x))) : -1;
      // Of several positions under the pointer the one that reaches farthest.
      if (inside && span > plotWidth()) {
        var end = Math.min(n, Math.floor(position(at.x + 1)));
        for (var i = hover + 1; i < end; i++) if (above[i] - below[i] > above[hover] - below[hover]) hover = i;
      }
      later();
    });
    function release() {
      drag = null;
      // Notebooks move the focus when they are clicked.
      setTimeout(function () { canvas.focus({ preventScroll: true }); }, 0);
      canvas.style.cursor = "grab";
    }
    canvas.addEventListener("pointerup", release);
    canvas.addEventListener("pointercancel", release);
    canvas.addEventListener("pointerleave", function () {
      engaged = false;
      hover = -1;
      later();
    });
    canvas.addEventListener("dblclick", function (event) { zoom(0.25, position(place(event).x)); });
    canvas.addEventListener("wheel", function (event) {
      // A page that is scrolled past must not be caught.
      if (!event.ctrlKey && !engaged && document.activeElement !== canvas) return;
      event.preventDefault();
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) move(event.deltaX / plotWidth() * span);
      else zoom(Math.pow(2, Math.max(-1, Math.min(1, event.deltaY / 200))), position(place(event).x));
    }, { passive: false });
    // Before all others: letters are shortcuts of notebooks.
    function press(event) {
      if (!document.contains(canvas)) return window.removeEventListener("keydown", press, true);
      if (event.target !== canvas || event.ctrlKey || event.metaKey || event.altKey) return;
      var middle = from + span / 2;
      var act = {
        ArrowLeft: function () { move(-span / 5); },
        ArrowRight: function () { move(span / 5); },
        "+": function () { zoom(0.5, middle); },
        "=": function () { zoom(0.5, middle); },
        "-": function () { zoom(2, middle); },
        Home: function () { show(0, n); },
        f: toggle
      }[event.key];
      if (!act && event.key.length > 1) return;
      event.stopImmediatePropagation();
      if (!act) return;
      event.preventDefault();
      act();
    }
    window.addEventListener("keydown", press, true);
    if (window.ResizeObserver) new ResizeObserver(later).observe(root);
    draw();
  }

  if (!window.Path2D || !n) return;
  document.querySelectorAll('[data-genolens-browser="' + data.id + '"]:not([data-ready])').forEach(start);
})
