// Package docs makes the page /docs: everything a programmer needs to call the APIs, rendered from the OpenAPI
// document when the server starts. It works without JavaScript and loads nothing but its own style.
package docs

import (
	"bytes"
	"embed"
	"html/template"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed page.html guide.html
var files embed.FS

// Style is the style sheet of the page.
//
//go:embed style.css
var Style []byte

var page = template.Must(template.New("page.html").ParseFS(files, "page.html", "guide.html"))

// Book is the documents in the making. It listens to the OpenAPI document, because only the order in which
// operations are added tells a story; the document itself forgets it.
type Book struct {
	doc   *huma.OpenAPI
	added []*huma.Operation
}

// Open begins a book. It must be opened before the first operation is added.
func Open(doc *huma.OpenAPI) *Book {
	b := &Book{doc: doc}
	doc.OnAddOperation = append(doc.OnAddOperation, func(_ *huma.OpenAPI, op *huma.Operation) { b.added = append(b.added, op) })
	return b
}

// view is what the page shows.
type view struct {
	Title, Version, Base string
	Chapters             []chapter
	Objects              []object
	Errors               []refusal
	Events               []event
}

// chapter is one API with its operations.
type chapter struct {
	Name, Anchor, Text string
	Operations         []operation
}

// Page renders the page.
func (b *Book) Page() ([]byte, error) {
	v := view{Title: b.doc.Info.Title, Version: b.doc.Info.Version, Base: b.doc.Servers[0].URL, Errors: refusals(), Events: events()}
	for _, tag := range b.doc.Tags {
		c := chapter{Name: tag.Name, Anchor: anchor(tag.Name), Text: tag.Description}
		for _, op := range b.added {
			if op.Tags[0] == tag.Name {
				c.Operations = append(c.Operations, b.operation(op))
			}
		}
		v.Chapters = append(v.Chapters, c)
	}
	v.Objects = b.objects()
	var out bytes.Buffer
	err := page.Execute(&out, v)
	return out.Bytes(), err
}
