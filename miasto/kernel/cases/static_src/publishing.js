// The desk of publication: marks that can be switched on and off, boxes that can be drawn on a photo. Everything works without
// it too: the text is edited in its field, the boxes are check boxes and squares.

function masked(text, spans) {
  let made = "", at = 0;
  for (const span of spans.filter((one) => one.on).sort((a, b) => a.start - b.start)) {
    if (span.start < at) continue;
    made += text.slice(at, span.start) + span.label;
    at = span.end;
  }
  return made + text.slice(at);
}

function setUpText(box) {
  const text = box.dataset.text.replaceAll("\r\n", "\n"), original = box.querySelector("[data-original]"), field = box.querySelector("[data-edited]");
  const found = JSON.parse(box.querySelector("script[type='application/json']").textContent);
  // Python counts code points, JavaScript UTF-16 units.
  const places = [];
  let at = 0;
  for (const sign of text) { places.push(at); at += sign.length; }
  places.push(at);
  let spans = [], written = null;

  const begin = () => { spans = found.map((one) => ({ ...one, start: places[one.start], end: places[one.end], on: true })); };
  const write = () => { field.value = written = masked(text, spans); };

  const draw = () => {
    original.replaceChildren();
    let from = 0;
    for (const span of spans.sort((a, b) => a.start - b.start)) {
      original.append(text.slice(from, span.start));
      const mark = document.createElement("mark");
      const words = text.slice(span.start, span.end);
      mark.className = "publish-mark";
      mark.textContent = words;
      mark.tabIndex = 0;
      mark.setAttribute("role", "button");
      mark.setAttribute("aria-pressed", String(span.on));
      mark.setAttribute("aria-label", (span.on ? box.dataset.off : box.dataset.on).replace("{words}", words));
      const toggle = () => {
        span.on = !span.on;
        if (field.value === written) write();
        else if (span.on) field.value = field.value.replace(words, span.label);
        else field.value = field.value.replace(span.label, words);
        draw();
        original.querySelectorAll("mark")[spans.indexOf(span)]?.focus();
      };
      mark.addEventListener("click", () => { if (getSelection().isCollapsed) toggle(); });
      mark.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        toggle();
      });
      original.append(mark);
      from = span.end;
    }
    original.append(text.slice(from));
  };

  const offset = (node, inside) => {
    const range = document.createRange();
    range.setStart(original, 0);
    range.setEnd(node, inside);
    return range.toString().length;
  };

  const hide = () => {
    const chosen = getSelection();
    if (chosen.rangeCount && !chosen.isCollapsed && original.contains(chosen.anchorNode) && original.contains(chosen.focusNode)) {
      const range = chosen.getRangeAt(0);
      const start = offset(range.startContainer, range.startOffset), end = offset(range.endContainer, range.endOffset);
      const edited = field.value !== written;
      spans = spans.filter((one) => one.end <= start || one.start >= end);
      spans.push({ start, end, label: box.dataset.label, on: true });
      if (edited) field.value = field.value.replace(text.slice(start, end), box.dataset.label);
      else write();
      draw();
    } else if (field.selectionStart !== field.selectionEnd) {
      field.setRangeText(box.dataset.label, field.selectionStart, field.selectionEnd, "end");
      field.focus();
    }
  };

  begin();
  written = masked(text, spans);
  draw();
  box.querySelector("[data-tools]").hidden = false;
  const button = box.querySelector("[data-mask]");
  button.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
  button.addEventListener("click", hide);
  box.querySelector("[data-again]").addEventListener("click", () => { begin(); write(); draw(); });
}

const SVG = "http://www.w3.org/2000/svg";

function setUpPhoto(form) {
  const svg = form.querySelector("[data-boxes]"), list = form.querySelector("[data-list]"), after = form.querySelector("[data-after]");
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  let count = list.children.length;

  const refresh = () => {
    if (!after) return;
    const query = new URLSearchParams();
    for (const input of form.querySelectorAll("input[name=box]:checked")) query.append("box", input.value);
    if (form.querySelector("[name=whole]").checked) query.append("whole", "1");
    for (const input of form.querySelectorAll("input[name=cell]:checked")) query.append("cell", input.value);
    after.src = `${form.getAttribute("action").split("#")[0]}podglad/?${query}`;
  };
  let waiting;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(refresh, 300); };
  form.addEventListener("change", soon);

  const tie = (group, input) => input.addEventListener("change", () => group.classList.toggle("publish-photo__off", !input.checked));
  const inputs = list.querySelectorAll("input");
  svg.querySelectorAll("g").forEach((group, index) => tie(group, inputs[index]));

  const place = (group, input, { x, y, w, h }) => {
    const [rect, word] = group.children;
    x = Math.round(Math.max(0, Math.min(x, width - 8)));
    y = Math.round(Math.max(0, Math.min(y, height - 8)));
    w = Math.round(Math.max(8, Math.min(w, width - x)));
    h = Math.round(Math.max(8, Math.min(h, height - y)));
    for (const [name, value] of Object.entries({ x, y, width: w, height: h })) rect.setAttribute(name, value);
    word.setAttribute("x", x);
    word.setAttribute("y", y);
    input.value = `area,${x},${y},${w},${h}`;
    soon();
    return { x, y, w, h };
  };

  const add = (start) => {
    count += 1;
    const group = document.createElementNS(SVG, "g");
    group.append(document.createElementNS(SVG, "rect"), document.createElementNS(SVG, "text"));
    group.lastChild.textContent = count;
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "img");
    group.setAttribute("aria-label", form.dataset.help.replace("{n}", count));
    svg.append(group);
    const item = document.createElement("li"), input = document.createElement("input"), label = document.createElement("label");
    item.className = "govuk-checkboxes__item";
    Object.assign(input, { className: "govuk-checkboxes__input", type: "checkbox", name: "box", checked: true, id: `${form.querySelector("[name=whole]").id}-new-${count}` });
    Object.assign(label, { className: "govuk-label govuk-checkboxes__label", htmlFor: input.id, textContent: `${count}. ${form.dataset.area}` });
    item.append(input, label);
    list.append(item);
    tie(group, input);
    let now = place(group, input, start);
    group.addEventListener("keydown", (event) => {
      const step = Math.max(4, Math.round(width / 60));
      const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
      if (event.key === "Delete" || event.key === "Backspace") {
        group.remove();
        item.remove();
        soon();
        form.querySelector("[data-add]").focus();
      } else if (move) {
        const [dx, dy] = move;
        now = place(group, input, event.shiftKey ? { ...now, w: now.w + dx, h: now.h + dy } : { ...now, x: now.x + dx, y: now.y + dy });
      } else return;
      event.preventDefault();
    });
    return { group, change: (to) => { now = place(group, input, to); } };
  };

  const at = (event) => {
    const frame = svg.getBoundingClientRect();
    return [((event.clientX - frame.left) / frame.width) * width, ((event.clientY - frame.top) / frame.height) * height];
  };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    event.preventDefault();
    const [x0, y0] = at(event);
    let drawn = null;
    svg.setPointerCapture(event.pointerId);
    const move = (moved) => {
      const [x1, y1] = at(moved);
      const to = { x: Math.min(x0, x1), y: Math.min(y0, y1), w: Math.abs(x1 - x0), h: Math.abs(y1 - y0) };
      if (!drawn && to.w + to.h < width / 60) return;
      if (drawn) drawn.change(to);
      else drawn = add(to);
    };
    svg.addEventListener("pointermove", move);
    svg.addEventListener("pointerup", () => svg.removeEventListener("pointermove", move), { once: true });
  });
  form.querySelector("[data-add]").addEventListener("click", () => {
    add({ x: width * 0.4, y: height * 0.4, w: width * 0.2, h: height * 0.2 }).group.focus();
  });
  form.querySelector("[data-tools]").hidden = false;
}

for (const box of document.querySelectorAll("[data-publish]")) setUpText(box);
for (const form of document.querySelectorAll("form[data-photo]")) setUpPhoto(form);
