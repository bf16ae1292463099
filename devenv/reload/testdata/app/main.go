// An API that is built in a moment, for tests of what happens around one.
package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const version = "1"

func main() {
	public, private := http.NewServeMux(), http.NewServeMux()
	private.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
	private.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "metrics "+version) })
	public.HandleFunc("/version", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, version+" "+os.Getenv("APP_SETTING"))
	})
	public.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, r.Method, r.Host, r.RequestURI, r.Header.Get("Accept-Encoding"), r.Header["X-Forwarded-For"])
		io.Copy(w, r.Body)
	})
	// Answers in two parts: the second when the file is there.
	public.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, version+" begins, ")
		http.NewResponseController(w).Flush()
		for {
			if _, err := os.Stat(r.FormValue("file")); err == nil {
				break
			}
			time.Sleep(time.Millisecond)
		}
		fmt.Fprint(w, version+" ends")
	})
	public.HandleFunc("/crash", func(http.ResponseWriter, *http.Request) {
		fmt.Fprintln(os.Stderr, "panic: out of chickpeas")
		os.Exit(7)
	})
	servers := []*http.Server{
		{Addr: os.Getenv("FALAFEL_ADDR"), Handler: public},
		{Addr: os.Getenv("FALAFEL_METRICS_ADDR"), Handler: private},
	}
	for _, server := range servers {
		go func() {
			if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
				fmt.Fprintln(os.Stderr, server.Addr, "is taken by another process:", err)
				os.Exit(1)
			}
		}()
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	<-signals
	for _, server := range servers {
		server.Close() // abruptly: a request that is still here would fail
	}
	time.Sleep(50 * time.Millisecond)
}
