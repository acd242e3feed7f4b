def to_celsius(value, unit):
    return {"c": value, "f": (value - 32) / 1.8, "k": value - 273.15}[unit]


def from_celsius(value, unit):
    return {"c": value, "f": value * 1.8 + 32, "k": value + 273.15}[unit]


def convert(value, source, target):
    return round(from_celsius(to_celsius(value, source), target), 2)
