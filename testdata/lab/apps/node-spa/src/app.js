import { createStore } from "./store.js";

const store = createStore();
const list = document.querySelector("ul");

store.onChange((cards) => {
  list.replaceChildren(
    ...cards.map((card, i) => {
      const li = document.createElement("li");
      li.textContent = (card.done ? "✓ " : "") + card.title;
      li.onclick = () => store.toggle(i);
      return li;
    }),
  );
});

document.querySelector("form").onsubmit = (e) => {
  e.preventDefault();
  store.add(e.target.title.value);
  fetch(`${API_URL}/cards`, { method: "POST", body: new FormData(e.target) });
  e.target.reset();
};
