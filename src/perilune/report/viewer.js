// The transfer in three dimensions: drag turns it, the wheel or the buttons zoom, the slider moves time.
(() => {
  const box = document.getElementById("viewer");
  const flight = JSON.parse(document.getElementById("flight").textContent);
  const canvas = box.querySelector("canvas");
  const slider = box.querySelector("input[type=range]");
  const label = box.querySelector("output");
  const play = box.querySelector("[data-do=play]");
  const rotating = box.querySelector("[data-do=rotating]");
  const count = flight.day.length;
  let turn = -0.5, tilt = 0.9, zoom = 1, last = null, running = false;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const inFrame = (p, i) => {
    if (rotating.getAttribute("aria-pressed") !== "true") return p;
    const c = Math.cos(flight.sun[i]), s = Math.sin(flight.sun[i]);
    return [-(c * p[0] + s * p[1]), s * p[0] - c * p[1], p[2]];
  };
  // The box round the whole way, in the frame shown: its middle is the middle of the picture.
  const room = () => {
    const seen = flight.craft.map(inFrame);
    const low = [0, 1, 2].map((k) => Math.min(...seen.map((p) => p[k])));
    const high = [0, 1, 2].map((k) => Math.max(...seen.map((p) => p[k])));
    const middle = low.map((x, k) => (x + high[k]) / 2);
    return { middle, reach: Math.max(...seen.map((p) => Math.hypot(...p.map((x, k) => x - middle[k])))) };
  };
  let box3 = room(), centre = box3.middle;
  const project = (p, size) => {
    const a = Math.cos(turn), b = Math.sin(turn), c = Math.cos(tilt), s = Math.sin(tilt);
    const d = p.map((value, k) => value - centre[k]);
    const x = a * d[0] - b * d[1], y = b * d[0] + a * d[1];
    const unit = (0.5 * zoom * Math.min(size.w, size.h)) / box3.reach;
    return [size.w / 2 + unit * x, size.h / 2 - unit * (s * y + c * d[2])];
  };
  const indexAt = (day) => {
    let low = 0, high = count - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (flight.day[middle] <= day) low = middle; else high = middle;
    }
    return day - flight.day[low] < flight.day[high] - day ? low : high;
  };
  const path = (g, points, size, style, width, dash) => {
    g.beginPath();
    points.forEach((p, i) => { const q = project(inFrame(p, i), size); i ? g.lineTo(q[0], q[1]) : g.moveTo(q[0], q[1]); });
    g.strokeStyle = style; g.lineWidth = width; g.setLineDash(dash || []); g.stroke(); g.setLineDash([]);
  };
  const dot = (g, q, radius, style, text) => {
    g.beginPath(); g.arc(q[0], q[1], radius, 0, 2 * Math.PI); g.fillStyle = style; g.fill();
    if (text) write(g, q, radius, text);
  };
  // A label goes right, left, over or under its dot, wherever no other label stands.
  let taken = [];
  const write = (g, q, radius, text) => {
    const wide = g.measureText(text).width, gap = radius + 5;
    const tries = [[gap, 4], [-gap - wide, 4], [-wide / 2, -gap - 2], [-wide / 2, gap + 10]];
    const boxes = tries.map(([x, y]) => [q[0] + x, q[1] + y - 10, q[0] + x + wide, q[1] + y + 3]);
    const free = (b) => taken.every((t) => b[2] < t[0] || b[0] > t[2] || b[3] < t[1] || b[1] > t[3]);
    const place = boxes.find(free) || boxes[0];
    taken.push(place);
    g.fillStyle = colour("--ink");
    g.fillText(text, place[0], place[3] - 3);
  };
  const draw = () => {
    const size = { w: canvas.clientWidth, h: canvas.clientHeight }, density = window.devicePixelRatio || 1;
    canvas.width = size.w * density; canvas.height = size.h * density;
    const g = canvas.getContext("2d");
    g.scale(density, density);
    g.font = "12px system-ui, 'DejaVu Sans', sans-serif";
    g.lineJoin = "round";
    const now = indexAt(Number(slider.value)), split = flight.flyby;
    taken = [];
    // Zooming in goes to the spacecraft.
    const craft = inFrame(flight.craft[now], now), pull = zoom > 1 ? 1 - 1 / zoom : 0;
    centre = box3.middle.map((x, k) => x + pull * (craft[k] - x));
    path(g, flight.moon, size, colour("--line"), 1);
    path(g, flight.craft.slice(0, split + 1), size, colour("--c0"), 1.4);
    g.beginPath();
    for (let i = split; i < count; i++) {
      const q = project(inFrame(flight.craft[i], i), size);
      i > split ? g.lineTo(q[0], q[1]) : g.moveTo(q[0], q[1]);
    }
    g.strokeStyle = colour("--c1"); g.lineWidth = 1.4; g.stroke();
    dot(g, project([0, 0, 0], size), 5, colour("--earth"), "Earth");
    dot(g, project(inFrame(flight.moon[now], now), size), 4, colour("--moon"), "Moon");
    flight.marks.forEach((mark) => dot(g, project(inFrame(flight.craft[mark.i], mark.i), size), 3, colour("--c6"), mark.name));
    const here = project(craft, size);
    g.beginPath(); g.arc(here[0], here[1], 7, 0, 2 * Math.PI);
    g.strokeStyle = colour("--ink"); g.lineWidth = 2; g.stroke();
    const far = (p) => Math.hypot(p[0], p[1], p[2]);
    const apart = flight.craft[now].map((x, k) => x - flight.moon[now][k]);
    const date = new Date(flight.start + flight.day[now] * 864e5).toISOString().slice(0, 16).replace("T", " ");
    const km = (value) => Math.round(value * 1000).toLocaleString("en").replace(/,/g, "\u202f") + " km";
    label.textContent = `${date} UTC \u00b7 Earth ${km(far(flight.craft[now]))} \u00b7 Moon ${km(far(apart))}`;
  };
  const step = () => {
    if (!running) return;
    const day = Number(slider.value) + flight.day[count - 1] / 900;
    if (day >= flight.day[count - 1]) { running = false; play.setAttribute("aria-pressed", "false"); }
    slider.value = Math.min(day, flight.day[count - 1]);
    draw();
    requestAnimationFrame(step);
  };

  slider.max = flight.day[count - 1];
  slider.value = flight.day[flight.flyby];
  slider.addEventListener("input", draw);
  canvas.addEventListener("pointerdown", (e) => { last = [e.clientX, e.clientY]; canvas.setPointerCapture(e.pointerId); });
  canvas.addEventListener("pointerup", () => { last = null; });
  canvas.addEventListener("pointermove", (e) => {
    if (!last) return;
    turn += (e.clientX - last[0]) * 0.008;
    tilt = Math.max(-1.57, Math.min(1.57, tilt + (e.clientY - last[1]) * 0.008));
    last = [e.clientX, e.clientY];
    draw();
  });
  const zoomBy = (factor) => { zoom = Math.max(0.5, Math.min(200, zoom * factor)); draw(); };
  canvas.addEventListener("wheel", (e) => { if (e.ctrlKey || e.shiftKey) { e.preventDefault(); zoomBy(Math.exp(-e.deltaY * 0.002)); } }, { passive: false });
  box.addEventListener("click", (e) => {
    const button = e.target.closest("button");
    if (!button) return;
    const action = button.dataset.do;
    if (action === "in") zoomBy(1.5);
    if (action === "out") zoomBy(1 / 1.5);
    if (action === "rotating") { button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true")); box3 = room(); draw(); }
    if (action === "play") {
      running = !running;
      button.setAttribute("aria-pressed", String(running));
      if (running && Number(slider.value) >= flight.day[count - 1]) slider.value = 0;
      step();
    }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  addEventListener("resize", draw);
  draw();
})();
