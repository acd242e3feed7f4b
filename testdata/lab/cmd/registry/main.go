// Command registry serves the lab's registry on a loopback address. It is
// started by the command lab and runs until it is told to end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/restow/restow/testdata/lab/internal/store"
)

func main() {
	dir := flag.String("dir", "", "folder that holds the blobs and manifests")
	listen := flag.String("listen", "127.0.0.1:5001", "address to serve on; another port is taken when this one is in use")
	announce := flag.String("announce", "", "file to write the address to")
	flag.Parse()
	if err := serve(*dir, *listen, *announce); err != nil {
		log.Fatal(err)
	}
}

func serve(dir, listen, announce string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	logger := log.New(os.Stderr, "", log.LstdFlags)
	handler, err := store.Open(dir, logger)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return err
	}
	// What serves on more than this machine is nothing that a lab should start.
	if addr, ok := listener.Addr().(*net.TCPAddr); !ok || !addr.IP.IsLoopback() {
		return fmt.Errorf("%s is not a loopback address", listener.Addr())
	}
	if err := os.WriteFile(announce, []byte(listener.Addr().String()+"\n"), 0o644); err != nil {
		return err
	}

	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		server.Shutdown(grace)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
