// Command stock keeps count of what is on the shelves.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"
)

func main() {
	log.SetFlags(0)
	d, err := open(os.Getenv("STOCK_DB"))
	if err != nil {
		log.Fatal(err)
	}
	defer d.close()
	switch args := os.Args[1:]; {
	case len(args) == 1 && args[0] == "list":
		rows, err := d.query("select name, sum(change) from moves group by name having sum(change) <> 0 order by name")
		if err != nil {
			log.Fatal(err)
		}
		for _, row := range rows {
			fmt.Println(strings.Join(row, "\t"))
		}
	case len(args) == 3 && args[0] == "move":
		if _, err := d.query("insert into moves (name, change) values (?, ?)", args[1], args[2]); err != nil {
			log.Fatal(err)
		}
	default:
		log.Fatal("usage: stock list | stock move NAME CHANGE")
	}
}
