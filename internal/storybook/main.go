// Command storybook serves the storybook on this machine only: every screen of the
// pages with sample data. `make pictures` takes pictures of what it serves.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"tolom/web/storybook"
)

func main() {
	address := "127.0.0.1:0"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatalf("storybook: cannot listen on %s, name another address: %v", address, err)
	}
	fmt.Printf("http://%s/\n", listener.Addr())
	log.Fatal(http.Serve(listener, storybook.Handler()))
}
