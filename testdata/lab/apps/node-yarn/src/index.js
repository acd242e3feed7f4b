import { h, render } from "preact";
import L from "leaflet";
import { berths } from "./berths";

function List() {
  return h("ul", null, berths.map((b) => h("li", { key: b.name }, `${b.name}: ${b.depth} m`)));
}

render(h(List), document.querySelector("#list"));
const map = L.map("map").setView([53.54, 9.97], 13);
for (const b of berths) L.circle([b.lat, b.lon], { radius: 40 }).bindPopup(b.name).addTo(map);
