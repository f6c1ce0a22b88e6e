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
