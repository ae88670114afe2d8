package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"tolom/qrimage"
)

const (
	// maxForm bounds forms without a picture.
	maxForm = 64 << 10
	// maxUpload bounds a form with one: the picture and some words.
	maxUpload = qrimage.MaxPictureBytes + maxForm
	// maxReaders is how many pictures are read at a time: a large one takes hundreds of megabytes for a moment.
	maxReaders = 2
	// maxMemory is what of an upload is kept in memory; the rest goes to a file that is removed after.
	maxMemory = 1 << 20
)

// errNowhere says that an address leads to no screen.
var errNowhere = errors.New("sandbox: there is no such screen")

// errEmpty says that a form holds neither a link nor a picture.
var errEmpty = errors.New("sandbox: there is no link and no picture")

// scan takes a link or a picture, whichever the form holds; a picture wins, it was chosen last.
func (d door) scan(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	if err := r.ParseMultipartForm(maxMemory); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		d.showHome(w, r, "", "", tooLarge(err))
		return
	}
	if r.MultipartForm != nil {
		defer r.MultipartForm.RemoveAll()
	}
	payer, link := r.PostFormValue("payer"), r.PostFormValue("link")
	text, err := d.text(r, link)
	if err != nil {
		d.showHome(w, r, payer, link, err)
		return
	}
	p, err := d.bank.Scan(context.WithoutCancel(r.Context()), payer, text, 0)
	if err != nil {
		d.showHome(w, r, payer, text, err)
		return
	}
	d.see(w, r, p.ID)
}

// text is what is to be scanned.
func (d door) text(r *http.Request, link string) (string, error) {
	file, head, err := r.FormFile("photo")
	if err == nil && head.Size > 0 {
		defer file.Close()
		return d.read(r.Context(), file)
	}
	if strings.TrimSpace(link) == "" {
		return "", errEmpty
	}
	return link, nil
}

// read finds the code in a picture, when it is this picture's turn.
func (d door) read(ctx context.Context, picture io.Reader) (string, error) {
	select {
	case d.readers <- struct{}{}:
		defer func() { <-d.readers }()
		return qrimage.Read(picture)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// decode reads a frame of the camera and gives the text in it, "" when there is no code.
func (d door) decode(w http.ResponseWriter, r *http.Request) {
	text, err := d.read(r.Context(), http.MaxBytesReader(w, r.Body, maxUpload))
	if err != nil && !errors.Is(err, qrimage.ErrNoCode) {
		said, status := explained(words(w, r), tooLarge(err))
		http.Error(w, said, status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"text": text})
}

// tooLarge turns the error of a body over its limit into the one that says so.
func tooLarge(err error) error {
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return qrimage.ErrTooLarge
	}
	return err
}
