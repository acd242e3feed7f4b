import unittest

from convert import convert


class ConvertTest(unittest.TestCase):
    def test_fixed_points(self):
        self.assertEqual(convert(100, "c", "f"), 212)
        self.assertEqual(convert(-40, "f", "c"), -40)
        self.assertEqual(convert(0, "k", "c"), -273.15)
