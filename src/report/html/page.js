"use strict";
// Comfort only: everything here can be read, and every view be switched, without it. Text is only ever moved, never parsed.
(() => {
  const drawing = document.querySelector(".canvas svg");
  const panel = document.getElementById("selected");
  const nodes = drawing ? [...drawing.querySelectorAll(".node")] : [];
  const links = drawing ? [...drawing.querySelectorAll(".link")] : [];
  let chosen = null;

  const choose = (node) => {
    chosen = node === chosen ? null : node;
    const near = new Set(chosen ? [chosen.dataset.node] : []);
    for (const link of links) {
      const isNear = chosen && [link.dataset.from, link.dataset.to].includes(chosen.dataset.node);
      link.classList.toggle("near", Boolean(isNear));
      if (isNear) near.add(link.dataset.from).add(link.dataset.to);
    }
    for (const one of nodes) {
      one.classList.toggle("near", near.has(one.dataset.node));
      one.classList.toggle("chosen", one === chosen);
    }
    drawing.classList.toggle("choosing", Boolean(chosen));
    const words = chosen && document.getElementById(`part-${chosen.dataset.node}`);
    panel.replaceChildren(...(words ? [...words.cloneNode(true).childNodes] : []));
  };

  // The nearest part in a direction, by the middles of their boxes.
  const beside = (node, dx, dy) => {
    const middle = (one) => {
      const box = one.getBoundingClientRect();
      return [box.x + box.width / 2, box.y + box.height / 2];
    };
    const [x, y] = middle(node);
    let best = null;
    for (const other of nodes) {
      const [left, top] = middle(other);
      const ahead = (left - x) * dx + (top - y) * dy;
      const aside = Math.abs((left - x) * dy) + Math.abs((top - y) * dx);
      if (ahead > 4 && (!best || ahead + 2 * aside < best.cost)) best = { other, cost: ahead + 2 * aside };
    }
    return best && best.other;
  };

  const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  for (const node of nodes) {
    node.addEventListener("click", (event) => {
      event.preventDefault();
      choose(node);
    });
    node.addEventListener("keydown", (event) => {
      const direction = directions[event.key];
      const next = direction && beside(node, ...direction);
      if (event.key === " ") choose(node);
      if (next) next.focus();
      if (next || event.key === " ") event.preventDefault();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && chosen) choose(chosen);
  });

  // A large drawing is looked at in parts: closer, farther, and moved by hand.
  const canvas = document.querySelector(".canvas.large");
  if (canvas && drawing) {
    const [width, height] = ["width", "height"].map((side) => Number(drawing.getAttribute(side)));
    let scale = 1;
    const zoom = (wanted, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) => {
      const next = Math.min(4, Math.max(0.1, wanted));
      const [left, top] = [(canvas.scrollLeft + x) / scale, (canvas.scrollTop + y) / scale];
      scale = next;
      drawing.setAttribute("width", String(width * scale));
      drawing.setAttribute("height", String(height * scale));
      canvas.scrollTo(left * scale - x, top * scale - y);
    };
    const fit = () => zoom(Math.min(1, (canvas.clientWidth - 4) / width));
    const bar = document.createElement("div");
    bar.className = "zoom";
    for (const [sign, words, act] of [
      ["+", "Closer", () => zoom(scale * 1.25)],
      ["−", "Farther", () => zoom(scale / 1.25)],
      ["fit", "Fit to the page", fit],
    ]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = sign;
      button.setAttribute("aria-label", words);
      button.addEventListener("click", act);
      bar.append(button);
    }
    canvas.before(bar);
    canvas.addEventListener("keydown", (event) => {
      const factor = { "+": 1.25, "=": 1.25, "-": 0.8 }[event.key];
      if (factor) zoom(scale * factor);
      if (event.key === "0") fit();
      if (factor || event.key === "0") event.preventDefault();
    });
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const box = canvas.getBoundingClientRect();
      zoom(scale * (event.deltaY < 0 ? 1.1 : 0.9), event.clientX - box.x, event.clientY - box.y);
    }, { passive: false });
    let held = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.target.closest(".node") || event.button !== 0) return;
      held = [event.clientX + canvas.scrollLeft, event.clientY + canvas.scrollTop];
    });
    window.addEventListener("pointermove", (event) => {
      if (held) canvas.scrollTo(held[0] - event.clientX, held[1] - event.clientY);
    });
    window.addEventListener("pointerup", () => { held = null; });
    fit();
  }

  const find = document.querySelector(".find");
  if (find) {
    const field = find.querySelector("input");
    const count = find.querySelector("output");
    const items = [...document.querySelectorAll("#carve-outs .carve-out")];
    const texts = items.map((item) => item.textContent.toLowerCase());
    find.hidden = false;
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      let shown = 0;
      items.forEach((item, index) => {
        item.hidden = !texts[index].includes(wanted);
        if (!item.hidden) shown += 1;
      });
      count.value = wanted ? `${shown} of ${items.length}` : "";
    });
  }
})();
