package debian

import "testing"

// TestCompareVersions: the order of deb-version(7), with the cases of dpkg's tests.
func TestCompareVersions(t *testing.T) {
	ascending := []string{
		"0~~", "0~~a", "0~", "0", "0a", "0+", "1.0~rc1-1", "1.0-1", "1.0-1+b1", "1.0-1+deb12u1", "1.0-2", "1.0-10", "1.0.1-1", "1.2", "1.10",
		"1.10a", "1.10+x", "1.10.1", "2-1-1", "9:0", "10:0~",
	}
	for i, a := range ascending {
		for j, b := range ascending {
			c := CompareVersions(a, b)
			if (i < j) != (c < 0) || (i > j) != (c > 0) {
				t.Errorf("%s and %s compare as %d", a, b, c)
			}
		}
	}
	for _, same := range [][2]string{{"1", "1-0"}, {"0:1", "1"}, {"1.01", "1.1"}, {"", "0"}, {"00:1-00", "1"}} {
		if c := CompareVersions(same[0], same[1]); c != 0 {
			t.Errorf("%s and %s compare as %d", same[0], same[1], c)
		}
	}
}

func FuzzCompareVersions(f *testing.F) {
	f.Add("1.0~rc1-1", "1:2+b1", "0")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		ab, bc, ac := CompareVersions(a, b), CompareVersions(b, c), CompareVersions(a, c)
		if (ab < 0) != (CompareVersions(b, a) > 0) {
			t.Errorf("%q and %q have no order", a, b)
		}
		if ab <= 0 && bc <= 0 && ac > 0 {
			t.Errorf("%q, %q and %q go round", a, b, c)
		}
	})
}
