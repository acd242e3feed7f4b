// Command notes serves the Markdown files that are compiled into it.
package main

import (
	"bytes"
	"embed"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

//go:embed notes/*.md
var notes embed.FS

var markdown = goldmark.New(goldmark.WithExtensions(extension.Table))

func page(name string) ([]byte, error) {
	text, err := notes.ReadFile("notes/" + name + ".md")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "<!doctype html>\n<title>%s</title>\n", name)
	err = markdown.Convert(text, &b)
	return b.Bytes(), err
}

func main() {
	log.SetFlags(0)
	listen := flag.String("listen", "", "address to serve on; without it the named notes are printed")
	flag.Parse()
	if *listen == "" {
		for _, name := range flag.Args() {
			html, err := page(name)
			if err != nil {
				log.Fatal(err)
			}
			os.Stdout.Write(html)
		}
		return
	}
	log.Fatal(http.ListenAndServe(*listen, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		html, err := page(strings.Trim(r.URL.Path, "/"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Write(html)
	})))
}
