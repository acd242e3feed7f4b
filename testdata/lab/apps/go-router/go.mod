module example.com/router

go 1.26

require (
	github.com/BurntSushi/toml v1.4.0
	github.com/go-chi/chi/v5 v5.2.1
	golang.org/x/text v0.21.0
)
