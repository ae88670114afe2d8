package api

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"tolom/api/problem"
	"tolom/fault"
	"tolom/store"
	"tolom/trail"
)

// LogPath is under which the log of facts is published as transparency logs are (c2sp.org/tlog-tiles): checkpoint, and
// tile/… with hashes. Lines are not. proof/PAYMENT beside them shows that a payment stands in it.
const LogPath = "/log/"

// DeedsLogPath is the same of the log of what people did, without proofs: its lines name people.
const DeedsLogPath = "/log/deeds/"

// unsealedWait is when to ask again for what is not sealed yet, in seconds.
const unsealedWait = 10

// mountLog serves both logs.
func mountLog(mux *http.ServeMux, d Deps) {
	for path, kept := range map[string]store.Trail{LogPath: d.Trail, DeedsLogPath: d.Deeds} {
		mountCheckpoint(mux, path+trail.CheckpointName, kept)
		mux.HandleFunc("GET "+path+"tile/{rest...}", func(w http.ResponseWriter, r *http.Request) {
			serveTile(w, r, kept, "tile/"+r.PathValue("rest"))
		})
	}
	mux.HandleFunc("GET "+LogPath+"proof/{payment}", d.serveProof)
}

// serveTile serves hashes. What is at an address never changes, so it may be kept for ever.
func serveTile(w http.ResponseWriter, r *http.Request, kept store.Trail, path string) {
	name, width, err := trail.ParsePath(path)
	if err != nil || kept == nil {
		problem.Write(w, r, fault.New(fault.NotFound).Because(trail.ErrPath.Error()))
		return
	}
	tiles, err := kept.Tiles(r.Context(), []trail.Name{name})
	if err != nil {
		problem.Write(w, r, fault.Wrap(fault.OutOfService, err))
		return
	}
	tile, err := append(tiles, trail.Tile{})[0].Cut(width)
	if err != nil {
		problem.Write(w, r, fault.New(fault.NotFound).Because("the log has no such tile, or not so many hashes in it yet"))
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(trail.Pack(tile.Hashes)) // A reader that has gone needs no answer.
}

// serveProof serves the proof of a payment to whoever knows its id, as its receipt's page is shown. Guessing is slowed as
// there: see web.
func (d Deps) serveProof(w http.ResponseWriter, r *http.Request) {
	err := error(fault.New(fault.NotFound))
	var proof trail.Proof
	if d.Trail != nil {
		proof, err = d.Platform.Proof(r.Context(), d.Trail, r.PathValue("payment"))
	}
	switch {
	case errors.Is(err, trail.ErrUnsealed):
		w.Header().Set("Retry-After", strconv.Itoa(unsealedWait))
	case fault.Has(err, fault.NotFound):
		err = d.missed(w, r, err)
	}
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "private, max-age=60")
	w.Header().Set("Content-Disposition", `inline; filename="`+string(proof.Line.Payment)+`.tlog-proof"`)
	_, _ = io.WriteString(w, proof.Text()) // A reader that has gone needs no answer.
}

// missed holds the answer to somebody who has asked for many things that are not there.
func (d Deps) missed(w http.ResponseWriter, r *http.Request, err error) error {
	wait, over, left := d.Access.Missed(d.Proxies.Caller(r.RemoteAddr, r.Header["X-Forwarded-For"]))
	defer left()
	switch {
	case over:
		w.Header().Set("Connection", "close")
		return fault.New(fault.RateLimited)
	case wait > 0:
		w.Header().Set("Connection", "close")
		d.hold(r, wait)
	}
	return err
}

func (d Deps) hold(r *http.Request, wait time.Duration) {
	select {
	case <-d.After(wait):
	case <-r.Context().Done():
	}
}
