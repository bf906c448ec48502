(function (data) {
  "use strict";
  var INK = "#262626", FAINT = "#707070", FONT = "12px DejaVu Sans,Verdana,Geneva,sans-serif", GONE = 65535, FEW = 5000, n = data.n;
  var W = data.width, H = data.height;

  function bytes(text) {
    var raw = atob(text), out = new Uint8Array(raw.length);
    for (var i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
    return out;
  }

  // All numbers are packed as one: coordinates, then the codes of each panel; those of two bytes as all low bytes, then all high ones.
  var spots = new Uint16Array(2 * n), panels = [];
  function unpack(then) {
    var packed = new Blob([bytes(data.packed)]).stream().pipeThrough(new DecompressionStream("deflate"));
    new Response(packed).arrayBuffer().then(function (buffer) {
      var all = new Uint8Array(buffer), from = 0;
      function number(i) { return all[from + i] | all[from + n + i] << 8; }
      for (var axis = 0; axis < 2; axis++, from += 2 * n) for (var i = 0; i < n; i++) spots[2 * i + axis] = number(i);
      panels = data.panels.map(function (about) {
        var codes = null;
        if (about.kind !== "missing") {
          codes = about.wide ? Uint16Array.from({ length: n }, function (_, i) { return number(i); }) : all.subarray(from, from + n);
          from += about.wide ? 2 * n : n;
        }
        return prepared(about, codes);
      });
      then();
    });
  }
  function prepared(panel, codes) {
    var none = panel.wide ? 65535 : 255;
    var shown = panel.colors.map(function () { return true; });
    // Grey points first; then values from low to high, categories as they come.
    var keys = panel.colors.length, order = new Uint32Array(n), starts = new Uint32Array(keys + 2), i;
    function key(i) {
      if (!codes || codes[i] === none || panel.grey[codes[i]]) return 0;
      return panel.kind === "values" && data.sorted ? codes[i] + 1 : 1;
    }
    for (i = 0; i < n; i++) starts[key(i) + 1]++;
    for (i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
    for (i = 0; i < n; i++) order[starts[key(i)]++] = i;
    return { about: panel, codes: codes, none: none, shown: shown, order: order };
  }

  function plain(value, digits) { return String(Number(value.toPrecision(digits || 4))).replace("-", "\u2212"); }
  function rgb(hex) { return [parseInt(hex.slice(1, 3), 16), parseInt(hex.slice(3, 5), 16), parseInt(hex.slice(5, 7), 16)]; }
  function pixel(c, share) {
    var m = c.map(function (v) { return Math.round(255 + (v - 255) * share); });
    return (255 << 24 | m[2] << 16 | m[1] << 8 | m[0]) >>> 0;
  }

  function start(root, panels) {
    root.setAttribute("data-ready", "");
    var picture = root.querySelector("img"), selected = null, many = 0, polygon = [], told = 0, lasso = false, drag = null, hover = -1, engaged = false, queued = false;
    // The part of the plane in view: its lower left corner and its width, in shares.
    var view = { x: 0, y: 0, span: 1 }, ratio = 1;
    if (picture) picture.style.display = "none";

    function make(kind, style, parent, text) {
      var made = document.createElement(kind);
      made.style.cssText = style;
      if (text !== undefined) made.textContent = text;
      parent.appendChild(made);
      return made;
    }
    var body = document.createElement("div");
    body.style.cssText = "font:" + FONT + ";color:" + INK;
    root.insertBefore(body, root.firstChild);
    var bar = make("div", "display:flex;gap:4px;align-items:center;padding:4px 8px 4px 26px;flex-wrap:wrap", body);
    make("span", "font-size:13px;padding-right:8px", bar, data.title);
    function button(text, label, act) {
      var made = make("button", "min-width:26px;height:24px;padding:0 6px;border:1px solid #b0b0b0;border-radius:4px;background:#f6f6f6;color:" + INK + ";font:inherit;cursor:pointer", bar, text);
      made.type = "button";
      made.title = label;
      made.setAttribute("aria-label", label);
      made.addEventListener("click", act);
      return made;
    }
    button("\u2212", "Zoom out (key \u2212)", function () { zoom(2, 0.5, 0.5); });
    button("+", "Zoom in (key +)", function () { zoom(0.5, 0.5, 0.5); });
    button("all", "Show everything (key Home)", function () { view = { x: 0, y: 0, span: 1 }; later(); });
    var tool = button("lasso", "Draw around points to select them (key l, or hold shift)", function () { toggle(); });
    tool.setAttribute("aria-pressed", "false");
    button("none", "Select nothing (key Escape)", function () { choose([]); });
    var readout = make("span", "padding-left:8px;font-variant-numeric:tabular-nums;min-height:15px", bar);
    readout.setAttribute("data-readout", "");
    var rows = make("div", "display:grid;gap:6px 10px;justify-content:start;grid-template-columns:repeat(" + data.columns + ",max-content)", body);
    var found = make("div", "display:none;gap:4px;align-items:center;padding:4px 8px 4px 26px", body);
    var count = make("span", "white-space:nowrap", found);
    count.setAttribute("role", "status");
    var field = make("input", "flex:1;min-width:120px;max-width:560px;height:22px;font:12px monospace;border:1px solid #b0b0b0;border-radius:4px;padding:0 6px;background:#f6f6f6;color:" + INK, found);
    field.readOnly = true;
    field.setAttribute("aria-label", "Rust expression that returns the selected points");
    field.addEventListener("focus", function () { field.select(); });
    var copy = make("button", "height:24px;padding:0 8px;border:1px solid #b0b0b0;border-radius:4px;background:#f6f6f6;color:" + INK + ";font:inherit;cursor:pointer", found, "copy");
    copy.type = "button";
    copy.addEventListener("click", function () {
      field.select();
      if (navigator.clipboard) navigator.clipboard.writeText(field.value).catch(function () { document.execCommand("copy"); });
      else document.execCommand("copy");
    });
    if (data.caption) make("div", "padding:2px 8px 4px 26px;color:" + FAINT, body, data.caption);

    panels.forEach(function (panel, at) {
      var about = panel.about, box = make("div", "", rows);
      if (about.name) make("div", "padding-left:26px;text-align:center;width:" + W + "px", box, about.name);
      var line = make("div", "display:flex", box);
      make("div", "width:18px;writing-mode:vertical-rl;transform:rotate(180deg);text-align:center;height:" + H + "px;padding-left:8px", line, data.y_label);
      var side = make("div", "", line);
      var canvas = panels[at].canvas = make("canvas", "display:block;box-sizing:border-box;border:1px solid " + INK + ";width:" + W + "px;height:" + H + "px;touch-action:pan-y;cursor:grab;outline-offset:1px", side);
      make("div", "text-align:center;width:" + W + "px", side, data.x_label);
      if (about.note) make("div", "color:" + FAINT + ";width:" + W + "px", side, about.note);
      canvas.tabIndex = 0;
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", picture ? picture.alt : data.title);
      var legend = make("div", "padding-left:10px;max-height:" + H + "px", line);
      if (about.kind === "categories") legend.style.overflowY = "auto";
      if (about.kind === "categories") about.names.forEach(function (name, code) {
        if (about.grey[code]) return;
        var entry = make("button", "display:flex;align-items:center;gap:5px;border:0;background:none;padding:1px 2px;font:inherit;color:inherit;cursor:pointer;text-align:left", legend);
        entry.type = "button";
        entry.title = "Click to hide or show, double click for this one only";
        entry.setAttribute("aria-pressed", "true");
        make("span", "flex:none;width:9px;height:9px;border-radius:50%;background:" + about.colors[code], entry);
        make("span", "", entry, name);
        entry.addEventListener("click", function () { panel.shown[code] = !panel.shown[code]; pressed(); });
        entry.addEventListener("dblclick", function () {
          panel.shown = panel.shown.map(function (_, other) { return other === code; });
          pressed();
        });
        (panel.entries = panel.entries || []).push([entry, code]);
      });
      function pressed() {
        panel.entries.forEach(function (entry) {
          entry[0].style.opacity = panel.shown[entry[1]] ? 1 : 0.35;
          entry[0].setAttribute("aria-pressed", String(panel.shown[entry[1]]));
        });
        later();
      }
      if (about.kind === "values" && about.colors.length) {
        legend.style.display = "flex";
        var stops = about.colors.filter(function (_, i) { return i % 11 === 0; }).reverse().join(",");
        make("div", "width:12px;height:" + Math.min(H, 220) + "px;border:1px solid " + INK + ";background:linear-gradient(" + stops + ")", legend);
        var ends = make("div", "display:flex;flex-direction:column;justify-content:space-between;padding-left:4px;height:" + Math.min(H, 220) + "px", legend);
        make("span", "", ends, plain(about.high));
        make("span", "", ends, plain(about.low));
      }
      listen(canvas);
    });

    function later() {
      if (queued) return;
      queued = true;
      requestAnimationFrame(function () { queued = false; draw(); });
    }
    function bound() {
      view.span = Math.min(4, Math.max(1e-3, view.span));
      view.x = Math.min(1, Math.max(-view.span, view.x));
      view.y = Math.min(1, Math.max(-view.span, view.y));
      later();
    }
    // Around a place of the canvas, in shares from its lower left corner.
    function zoom(factor, x, y) {
      var span = Math.min(4, Math.max(1e-3, view.span * factor));
      view.x += (view.span - span) * x;
      view.y += (view.span - span) * y;
      view.span = span;
      bound();
    }
    function toggle() {
      lasso = !lasso;
      tool.setAttribute("aria-pressed", String(lasso));
      tool.style.background = lasso ? "#cfe3f3" : "#f6f6f6";
      panels.forEach(function (panel) { panel.canvas.style.cursor = lasso ? "crosshair" : "grab"; });
    }
    function seen(panel, i) {
      if (spots[2 * i] === GONE) return false;
      var code = panel.codes ? panel.codes[i] : panel.none;
      return panel.about.kind !== "categories" || code === panel.none || panel.shown[code];
    }
    function radius() { return Math.max(0.5, data.radius * Math.min(5, Math.max(0.6, Math.pow(1 / view.span, 0.45)))); }

    function draw() {
      ratio = Math.min(3, window.devicePixelRatio || 1);
      panels.forEach(function (panel) {
        var canvas = panel.canvas, wide = Math.round(W * ratio), tall = Math.round(H * ratio), pen = canvas.getContext("2d");
        canvas.width = wide;
        canvas.height = tall;
        var image = pen.createImageData(wide, tall), sheet = new Uint32Array(image.data.buffer);
        sheet.fill(0xffffffff);
        var full = panel.about.colors.map(function (c) { return pixel(rgb(c), 1); }), grey = pixel(rgb(data.none), 1);
        var pale = panel.about.colors.map(function (c) { return pixel(rgb(c), 0.15); }), dim = pixel(rgb(data.none), 0.4);
        var r = radius() * ratio, reach = Math.ceil(r), disc = [], dx, dy;
        for (dy = -reach; dy <= reach; dy++) for (dx = -reach; dx <= reach; dx++) if (dx * dx + dy * dy <= r * r) disc.push(dx, dy);
        var paths = n <= FEW ? [] : null;
        var sx = wide / (view.span * 65534), sy = tall / (view.span * 65534), ox = view.x * 65534, oy = view.y * 65534;
        // What is selected lies over what is not.
        for (var turn = many ? 0 : 1; turn < 2; turn++) {
          for (var at = 0; at < n; at++) {
            var i = panel.order[at];
            if (!seen(panel, i) || (many && (selected[i] === 1) !== (turn === 1))) continue;
            var x = Math.floor((spots[2 * i] - ox) * sx), y = Math.floor(tall - (spots[2 * i + 1] - oy) * sy);
            if (x < -reach || y < -reach || x >= wide + reach || y >= tall + reach) continue;
            var code = panel.codes ? panel.codes[i] : 0, none = code === panel.none || panel.about.grey[code], faded = many && turn === 0;
            var ink = none ? (faded ? dim : grey) : (faded ? pale : full)[code];
            if (paths) {
              paths.push([x, y, ink]);
              continue;
            }
            for (var d = 0; d < disc.length; d += 2) {
              var px = x + disc[d], py = y + disc[d + 1];
              if (px >= 0 && py >= 0 && px < wide && py < tall) sheet[py * wide + px] = ink;
            }
          }
        }
        pen.putImageData(image, 0, 0);
        if (paths) paths.forEach(function (one) {
          pen.fillStyle = "rgb(" + (one[2] & 255) + "," + (one[2] >> 8 & 255) + "," + (one[2] >> 16 & 255) + ")";
          pen.beginPath();
          pen.arc(one[0], one[1], r, 0, 7);
          pen.fill();
        });
        pen.setTransform(ratio, 0, 0, ratio, 0, 0);
        var place = function (spot) { return [(spot[0] / 65534 - view.x) / view.span * W, H - (spot[1] / 65534 - view.y) / view.span * H]; };
        over(pen, place);
        if (data.on_data) written(pen, panel, place);
        if (hover >= 0) {
          var to = place([spots[2 * hover], spots[2 * hover + 1]]);
          pen.strokeStyle = INK;
          pen.lineWidth = 1.5;
          pen.beginPath();
          pen.arc(to[0], to[1], radius() + 3, 0, 7);
          pen.stroke();
        }
        trace(pen, drag && drag.way ? drag.way : polygon.map(function (corner) {
          return [((corner[0] - data.x[0]) / (data.x[1] - data.x[0]) - view.x) / view.span * W, H - ((corner[1] - data.y[0]) / (data.y[1] - data.y[0]) - view.y) / view.span * H];
        }));
      });
    }
    function over(pen, place) {
      data.lines.forEach(function (line) {
        var way = [];
        for (var i = 0; i + 1 < line.at.length; i += 2) way.push(place([line.at[i], line.at[i + 1]]));
        pen.strokeStyle = pen.fillStyle = INK;
        pen.lineWidth = line.width;
        pen.beginPath();
        way.forEach(function (spot) { pen.lineTo(spot[0], spot[1]); });
        pen.stroke();
        if (line.tip < 1 || line.tip >= way.length) return;
        var tip = way[line.tip], from = way[line.tip - 1], turn = Math.atan2(tip[1] - from[1], tip[0] - from[0]), size = 3 + 1.6 * line.width;
        pen.beginPath();
        pen.moveTo(tip[0], tip[1]);
        pen.lineTo(tip[0] - size * Math.cos(turn - 0.42), tip[1] - size * Math.sin(turn - 0.42));
        pen.lineTo(tip[0] - size * Math.cos(turn + 0.42), tip[1] - size * Math.sin(turn + 0.42));
        pen.fill();
      });
    }
    function written(pen, panel, place) {
      pen.font = FONT;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      panel.about.medians.forEach(function (one) {
        if (!panel.shown[one[0]]) return;
        var at = place([one[1], one[2]]), name = panel.about.names[one[0]], half = pen.measureText(name).width / 2 + 3;
        pen.fillStyle = "rgba(255,255,255,0.75)";
        pen.fillRect(at[0] - half, at[1] - 8, 2 * half, 16);
        pen.fillStyle = INK;
        pen.fillText(name, at[0], at[1]);
      });
    }
    function trace(pen, way) {
      if (way.length < 2) return;
      pen.beginPath();
      way.forEach(function (spot) { pen.lineTo(spot[0], spot[1]); });
      pen.closePath();
      pen.fillStyle = "rgba(0,114,178,0.08)";
      pen.fill();
      pen.strokeStyle = "#0072b2";
      pen.lineWidth = 1.2;
      pen.setLineDash([4, 3]);
      pen.stroke();
      pen.setLineDash([]);
    }

    // Leaves out corners that lie nearly on a line between others.
    function simpler(way, slack) {
      if (way.length < 3) return way;
      var a = way[0], b = way[way.length - 1], far = 0, where = 0, long = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
      for (var i = 1; i + 1 < way.length; i++) {
        var off = Math.abs((b[0] - a[0]) * (a[1] - way[i][1]) - (a[0] - way[i][0]) * (b[1] - a[1])) / long;
        if (long === 1) off = Math.hypot(way[i][0] - a[0], way[i][1] - a[1]);
        if (off > far) { far = off; where = i; }
      }
      if (far <= slack) return [a, b];
      return simpler(way.slice(0, where + 1), slack).slice(0, -1).concat(simpler(way.slice(where), slack));
    }
    function digits(ends) { return Math.min(12, Math.max(1, Math.ceil(4 - Math.log10(ends[1] - ends[0])))); }
    function encircle(way) {
      way = simpler(way, 0.4);
      for (var slack = 0.7; way.length > 40 && slack < 9; slack *= 1.6) way = simpler(way, slack);
      var sx = data.x[1] - data.x[0], sy = data.y[1] - data.y[0], fx = digits(data.x), fy = digits(data.y);
      choose(way.map(function (spot) {
        var x = view.x + spot[0] / W * view.span, y = view.y + (1 - spot[1] / H) * view.span;
        return [(data.x[0] + x * sx).toFixed(fx), (data.y[0] + y * sy).toFixed(fy)];
      }));
    }
    // Takes corners as they are written in the expression, so that it says exactly what is selected here.
    function choose(corners) {
      polygon = corners.length > 2 ? corners.map(function (c) { return [Number(c[0]), Number(c[1])]; }) : [];
      selected = new Uint8Array(n);
      many = 0;
      var kx = (data.x[1] - data.x[0]) / 65534, ky = (data.y[1] - data.y[0]) / 65534;
      for (var i = 0; i < n && polygon.length; i++) {
        if (spots[2 * i] === GONE) continue;
        var x = data.x[0] + spots[2 * i] * kx, y = data.y[0] + spots[2 * i + 1] * ky, inside = false;
        for (var a = 0, b = polygon.length - 1; a < polygon.length; b = a++) {
          var p = polygon[a], q = polygon[b];
          if ((p[1] > y) !== (q[1] > y) && x < (q[0] - p[0]) * (y - p[1]) / (q[1] - p[1]) + p[0]) inside = !inside;
        }
        if (inside) {
          selected[i] = 1;
          many++;
        }
      }
      if (!many) polygon = [];
      if (many || told) tell("map.inside(&[" + corners.map(function (c) { return "(" + c[0] + ", " + c[1] + ")"; }).join(", ") + "])");
      found.style.display = many ? "flex" : "none";
      later();
    }
    // Sends the polygon to the kernel where somebody carries it there; elsewhere it is there to be pasted.
    function tell(expression) {
      var now = ++told, hidden = 0;
      for (var i = 0; i < n; i++) {
        if (selected[i] && !panels.some(function (panel) { return seen(panel, i); })) hidden++;
      }
      function say(words, value) {
        count.textContent = many + " of " + n + " points" + (hidden ? " (" + hidden + " of them hidden)" : "") + words;
        field.value = value;
      }
      function answer(why) {
        if (now !== told) return;
        if (why) say("; " + why + ", so paste this:", expression);
        else say(" sent to the kernel; in the next cell:", "map.selection()?");
      }
      say("; sending\u2026", expression);
      var detail = { map: data.map, polygon: polygon, answer: answer };
      var nobody = root.dispatchEvent(new CustomEvent("genolens:selection", { bubbles: true, cancelable: true, detail: detail }));
      if (nobody) say("; no way back to Rust from this page, so paste this:", expression);
    }

    function say() {
      if (hover < 0) {
        readout.textContent = "";
        return;
      }
      var parts = panels.map(function (panel) {
        var about = panel.about, code = panel.codes ? panel.codes[hover] : panel.none;
        if (about.kind === "categories") return code === panel.none ? "no " + about.name : about.names[code];
        if (about.kind === "values") return about.name + " " + (code === panel.none ? "none" : "\u2248 " + plain(about.low + (about.high - about.low) * code / (about.colors.length - 1), data.steps > 1 ? 2 : 4));
        return "";
      });
      readout.textContent = ["point " + hover].concat(parts.filter(Boolean)).join(", ");
    }

    function listen(canvas) {
      function spot(event) {
        var box = canvas.getBoundingClientRect();
        return [(event.clientX - box.left) * W / box.width, (event.clientY - box.top) * H / box.height];
      }
      canvas.addEventListener("pointerdown", function (event) {
        if (event.button !== 0) return;
        engaged = true;
        var at = spot(event);
        drag = lasso || event.shiftKey ? { way: [at] } : { at: at, x: view.x, y: view.y };
        canvas.setPointerCapture(event.pointerId);
      });
      canvas.addEventListener("pointermove", function (event) {
        var at = spot(event);
        if (drag && drag.way) {
          drag.way.push(at);
          return later();
        }
        if (drag) {
          view.x = drag.x - (at[0] - drag.at[0]) / W * view.span;
          view.y = drag.y + (at[1] - drag.at[1]) / H * view.span;
          return bound();
        }
        var panel = panels.find(function (one) { return one.canvas === canvas; }), best = Math.pow(radius() + 4, 2), before = hover;
        hover = -1;
        for (var k = 0; k < n; k++) {
          var i = panel.order[k];
          if (!seen(panel, i)) continue;
          var dx = (spots[2 * i] / 65534 - view.x) / view.span * W - at[0], dy = H - (spots[2 * i + 1] / 65534 - view.y) / view.span * H - at[1];
          if (dx * dx + dy * dy <= best) {
            best = dx * dx + dy * dy;
            hover = i;
          }
        }
        if (hover !== before) later();
        say();
      });
      function release(event) {
        var way = drag && drag.way;
        drag = null;
        if (way && event.type === "pointerup") encircle(way);
        // Notebooks move the focus when they are clicked.
        setTimeout(function () { canvas.focus({ preventScroll: true }); }, 0);
        later();
      }
      canvas.addEventListener("pointerup", release);
      canvas.addEventListener("pointercancel", release);
      canvas.addEventListener("pointerleave", function () {
        engaged = false;
        hover = -1;
        say();
        later();
      });
      canvas.addEventListener("dblclick", function (event) {
        var at = spot(event);
        zoom(0.4, at[0] / W, 1 - at[1] / H);
      });
      canvas.addEventListener("wheel", function (event) {
        // A page that is scrolled past must not be caught.
        if (!event.ctrlKey && !engaged && document.activeElement !== canvas) return;
        event.preventDefault();
        var at = spot(event);
        zoom(Math.pow(2, Math.max(-1, Math.min(1, event.deltaY / 200))), at[0] / W, 1 - at[1] / H);
      }, { passive: false });
    }
    // Before all others: letters are shortcuts of notebooks.
    function press(event) {
      if (!document.contains(body)) return window.removeEventListener("keydown", press, true);
      if (!panels.some(function (panel) { return event.target === panel.canvas; }) || event.ctrlKey || event.metaKey || event.altKey) return;
      function move(x, y) { view.x += x * view.span; view.y += y * view.span; bound(); }
      var act = {
        ArrowLeft: function () { move(-0.1, 0); }, ArrowRight: function () { move(0.1, 0); },
        ArrowUp: function () { move(0, 0.1); }, ArrowDown: function () { move(0, -0.1); },
        "+": function () { zoom(0.5, 0.5, 0.5); }, "=": function () { zoom(0.5, 0.5, 0.5); }, "-": function () { zoom(2, 0.5, 0.5); },
        Home: function () { view = { x: 0, y: 0, span: 1 }; later(); }, Escape: function () { choose([]); }, l: toggle
      }[event.key];
      if (!act && event.key.length > 1) return;
      event.stopImmediatePropagation();
      if (!act) return;
      event.preventDefault();
      act();
    }
    window.addEventListener("keydown", press, true);
    draw();
  }

  // Without what the page needs, the plain picture stays.
  if (!window.DecompressionStream || !n) return;
  var roots = Array.from(document.querySelectorAll('[data-genolens-map="' + data.id + '"]:not([data-taken])'));
  roots.forEach(function (root) { root.setAttribute("data-taken", ""); });
  unpack(function () {
    // One picture shown twice in a page: each takes its own copy of what changes.
    roots.forEach(function (root) {
      start(root, panels.map(function (panel) { return Object.assign({}, panel, { shown: panel.shown.slice() }); }));
    });
  });
})
