export const berths = [
  { name: "Sandtorkai", depth: 7.5, lat: 53.5427, lon: 9.9876 },
  { name: "Baumwall", depth: 5, lat: 53.5442, lon: 9.9818 },
];
