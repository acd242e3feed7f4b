module example.com/thumbs

go 1.26

require (
	github.com/spf13/cobra v1.8.1
	golang.org/x/image v0.23.0
	gopkg.in/yaml.v3 v3.0.1
)

require (
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/spf13/pflag v1.0.5 // indirect
)
