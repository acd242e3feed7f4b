package split

import "path"

// dotnet is the command of the .NET SDK.
func (w *walk) dotnet(c *cmd) {
	ops := c.operands("-c", "--configuration", "-o", "--output", "-r", "--runtime", "-f", "--framework", "-v")
	if len(ops) == 0 {
		return
	}
	switch ops[0].s {
	case "publish":
		w.building(c, ".NET")
		out, given := c.option("-o", "--output")
		if !given {
			refuse("`%s` does not say where it puts what it builds", clip(c.text))
		}
		w.trashDotnet(c)
		w.keep(w.abs(out))
	case "build", "test":
		if out, given := c.option("-o", "--output"); given {
			w.building(c, ".NET")
			w.keep(w.abs(out))
		}
		w.trashDotnet(c)
	case "restore", "tool", "--info", "--version", "nuget":
		w.trashDotnet(c)
	default:
		refuse("`%s` is not understood", clip(c.text))
	}
}

// trashDotnet notes the folders that MSBuild works in, bin and obj beside projects.
func (w *walk) trashDotnet(c *cmd) {
	if w.files.isSystem(w.dir) {
		refuse("`%s` works in %s", clip(c.text), w.dir)
	}
	for _, p := range w.files.paths() {
		if ext := path.Ext(p); ext == ".csproj" || ext == ".fsproj" || ext == ".vbproj" {
			w.files.trash(path.Join(path.Dir(p), "bin"))
			w.files.trash(path.Join(path.Dir(p), "obj"))
		}
	}
}
