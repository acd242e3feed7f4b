// Command router redirects short names, by a table in TOML.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"example.com/router/internal/route"
)

func main() {
	table, err := route.Read("/etc/routes.toml")
	if err != nil {
		log.Fatal(err)
	}
	if len(os.Args) > 1 {
		for _, name := range os.Args[1:] {
			to, ok := table.Find(name)
			fmt.Println(name, to, ok)
		}
		return
	}
	r := chi.NewRouter()
	r.Use(middleware.Recoverer)
	r.Get("/{name}", func(w http.ResponseWriter, req *http.Request) {
		to, ok := table.Find(chi.URLParam(req, "name"))
		if !ok {
			http.NotFound(w, req)
			return
		}
		fmt.Fprintln(w, to)
	})
	log.Fatal(http.ListenAndServe(":8085", r))
}
