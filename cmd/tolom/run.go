package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"tolom/api"
)

// run serves until ctx ends, then stops in the order of the dependencies: no new
// calls, calls under way, the engine's queue, what is being told, the database.
// Each step is bounded, so that a database that is gone holds up no end; what was
// acknowledged is safe wherever it is broken off.
func (a *app) run(ctx context.Context, listener net.Listener, handler http.Handler) error {
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	writing, stopWriting := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWriting()
	var workers, writer sync.WaitGroup
	writer.Go(func() { a.engine.Run(writing) })
	workers.Go(func() { a.telling.Run(work) })
	workers.Go(func() { a.jobs.Run(work) })

	err := a.serve(ctx, listener, api.Front(a.programs, handler))
	stopWork()
	workers.Wait()
	stopWriting()
	writer.Wait()
	return errors.Join(err, a.closeStores())
}

// serve answers calls until ctx ends and those under way have ended, or the time
// for that is over.
func (a *app) serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := usual.server(a.takeLeave(handler), a.log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	a.drain()
	close(a.closing)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Duration(a.settings.StopSeconds)*time.Second)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		a.log.Warn("some calls did not end in time and were cut off", "error", err)
		return server.Close()
	}
	return nil
}

// drain says at /readyz that no further calls should be sent here, and goes on
// answering until balancers have seen it: a connection that was closed under a call
// on its way would leave a bank with an outcome to find out.
func (a *app) drain() {
	close(a.draining)
	if wait := time.Duration(a.settings.DrainSeconds) * time.Second; wait > 0 {
		a.log.Info("draining", "for", wait)
		time.Sleep(wait)
	}
}

// takeLeave has answers close their connections while the server drains, so that
// callers who keep theirs open move to another node between two calls.
func (a *app) takeLeave(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-a.draining:
			w.Header().Set("Connection", "close")
		default:
		}
		h.ServeHTTP(w, r)
	})
}

// endStreams ends the live streams of pages when the server closes, so that an
// open page does not hold it up; the browser connects again by itself.
func (a *app) endStreams(pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/stream") {
			pages.ServeHTTP(w, r)
			return
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		go func() {
			select {
			case <-a.closing:
				cancel()
			case <-ctx.Done():
			}
		}()
		pages.ServeHTTP(w, r.WithContext(ctx))
	})
}
