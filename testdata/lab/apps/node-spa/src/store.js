import { createNanoEvents } from "nanoevents";

export function createStore() {
  const events = createNanoEvents();
  const cards = [];
  return {
    onChange: (f) => events.on("change", f),
    add(title) {
      cards.push({ title, done: false });
      events.emit("change", cards);
    },
    toggle(i) {
      cards[i].done = !cards[i].done;
      events.emit("change", cards);
    },
  };
}
