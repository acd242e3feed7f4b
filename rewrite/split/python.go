package split

// python: a stage that installs with pip keeps what it installed among the base
// image's own files, so that nothing can be copied by its path. Such a file is not
// cut; where nothing is compiled another base image is enough.
func (w *walk) python(c *cmd) {
	switch {
	case c.name == "python" || c.name == "python3":
		if len(c.args) == 1 && c.args[0].s == "--version" {
			return
		}
		refuse("`%s` may write anything", clip(c.text))
	case c.has("--version"):
	default:
		refuse("pip installs into the folders of the base image")
	}
}
