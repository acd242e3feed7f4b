package passes

func (s *swap) toDistroless() bool { return false }
func (s *swap) distroless() string { return "" }
func (s *swap) alpine() string     { return "" }
