package table

// The kinds of keys, each the beginning of one.
const (
	Tag      = "t/" // IMAGE:TAG of a tag that is published today
	Retired  = "r/" // IMAGE:TAG of tags that were, patch levels folded
	Image    = "i/" // IMAGE:ENTRY
	Near     = "n/" // IMAGE:VARIANT:SUITE, the entries of images with facts
	Status   = "s/" // REPOSITORY that is no longer built
	Packages = "p/" // NAME of a set
	Commands = "c/" // NAME of a set
	Provides = "x/" // SUITE/COMMAND
	Library  = "d/" // SUITE/PACKAGE-dev
	Python   = "y/" // NAME on PyPI
	Node     = "j/" // NAME on npm
	Product  = "e/" // PRODUCT of endoflife.date
	Source   = "m/" // what a kind of fact was made from
)

// TagRow are the columns of a published tag's value, separated by tabs.
const (
	TagEntry = iota
	TagVariant
	TagKind
	TagFlavour
	TagSuite
	TagDistro
	TagLibc
	TagArchs
	TagSlim
	TagAlpine
	TagJRE
	TagFull
	TagSource
	TagColumns
)

// RetiredRow are the columns of a retired tag's value.
const (
	RetiredPatches = iota // 0-4,7=bookworm;8-9=trixie for folded patch levels, else =SUITE; Nx for shapes
	RetiredFirst          // YYYY-MM
	RetiredLast
	RetiredVariant
	RetiredEntry // key of its facts, if it has its own
	RetiredColumns
)

// Config is the part of an image's configuration that Dockerfiles set.
type Config struct {
	Env          []string `json:"env,omitempty"` // NAME=value, in order
	Entrypoint   []string `json:"entrypoint,omitempty"`
	Cmd          []string `json:"cmd,omitempty"`
	User         string   `json:"user,omitempty"` // empty is root
	WorkingDir   string   `json:"workingDir,omitempty"`
	ExposedPorts []string `json:"exposedPorts,omitempty"`
	Volumes      []string `json:"volumes,omitempty"`
	StopSignal   string   `json:"stopSignal,omitempty"`
	Shell        []string `json:"shell,omitempty"`
	Healthcheck  []string `json:"healthcheck,omitempty"`
}

// Facts are what is known of an image beyond its tags.
type Facts struct {
	Config   *Config  `json:"config,omitempty"`
	Shell    string   `json:"shell,omitempty"` // what sh is: dash, bash, busybox-ash, none or in words
	Bash     bool     `json:"bash,omitempty"`
	Manager  string   `json:"manager,omitempty"`
	Bases    []string `json:"bases,omitempty"` // what it is built on, nearest first
	Asked    []string `json:"asked,omitempty"` // packages its Dockerfiles ask for by name
	Users    []string `json:"users,omitempty"` // the commands that make users, or name:id
	Set      string   `json:"set,omitempty"`   // name of its packages and commands
	SetExact string   `json:"setExact,omitempty"`
	Packages []string `json:"packages,omitempty"` // where there is no set
	Commands []string `json:"commands,omitempty"` // full paths, where there is no set

	Compressed int64   `json:"compressed,omitempty"` // bytes
	Disk       float64 `json:"disk,omitempty"`       // megabytes
	SizeSource string  `json:"sizeSource,omitempty"`

	Status string `json:"status,omitempty"`
	Note   string `json:"note,omitempty"`
	Exact  string `json:"exact,omitempty"`
	Source string `json:"source,omitempty"`
}

// Product are the releases of what has an end of life, newest first.
type Releases struct {
	Title  string    `json:"title"`
	Cycles []Release `json:"cycles"`
}

// Release is a cycle of a product. Dates are YYYY-MM-DD.
type Release struct {
	Cycle    string `json:"cycle"`
	Codename string `json:"codename,omitempty"`
	Released string `json:"released"`
	End      string `json:"end,omitempty"`      // of its maintenance
	Ended    bool   `json:"ended,omitempty"`    // at a date that the source does not give
	Extended string `json:"extended,omitempty"` // end of what is paid for, or made by others
	Latest   string `json:"latest,omitempty"`
}
