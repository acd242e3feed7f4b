// Command invoice renders invoices from templates that it reads at run time.
package main

import (
	"flag"
	"html/template"
	"io"
	"log"
	"net/http"
	"os"
	"time"
)

type line struct {
	What  string
	Count int
	Price int // in cents
}

func (l line) Total() int { return l.Count * l.Price }

type invoice struct {
	Number int
	Issued time.Time
	Lines  []line
}

func (i invoice) Total() (sum int) {
	for _, l := range i.Lines {
		sum += l.Total()
	}
	return sum
}

var sample = invoice{
	Number: 1041,
	Issued: time.Date(2024, 7, 1, 22, 30, 0, 0, time.UTC),
	Lines:  []line{{"Oars & rowlocks", 2, 4950}, {"Varnish", 3, 1299}},
}

func render(w io.Writer) error {
	t, err := template.New("").Funcs(template.FuncMap{
		"euro":  func(cents int) float64 { return float64(cents) / 100 },
		"local": func(t time.Time) time.Time { return t.Local() },
	}).ParseGlob("templates/*.html")
	if err != nil {
		return err
	}
	return t.ExecuteTemplate(w, "invoice.html", sample)
}

func main() {
	once := flag.Bool("print", false, "print the sample and end")
	flag.Parse()
	if *once {
		if err := render(os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	http.Handle("/static/", http.StripPrefix("/static/", http.FileServer(http.Dir("static"))))
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		if err := render(w); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	log.Fatal(http.ListenAndServe(":8090", nil))
}
