package clearing

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The limits of every XML file that is read. Real ones are far below them.
const (
	MostBytes = 256 << 20 // of a whole file
	mostDepth = 32        // of elements in each other
	mostText  = 8 << 10   // bytes of one text or attribute
)

// family is the namespace of ISO 20022 without the name of the message.
const family = "urn:iso:std:iso:20022:tech:xsd:"

// page writes XML by hand: schemas of ISO 20022 fix the order of every element. The
// first error stays.
type page struct {
	w     *bufio.Writer
	depth int
	err   error
}

func newPage(w io.Writer, message, root string) *page {
	p := &page{w: bufio.NewWriter(w)}
	p.put(xml.Header)
	p.put(`<Document xmlns="` + family + message + "\">\n")
	p.depth = 1
	p.open(root)
	return p
}

// end closes the message and gives the first error.
func (p *page) end(root string) error {
	p.close(root)
	p.put("</Document>\n")
	if p.err == nil {
		p.err = p.w.Flush()
	}
	return p.err
}

func (p *page) put(text string) {
	if p.err == nil {
		_, p.err = p.w.WriteString(text)
	}
}

func (p *page) indent() { p.put(strings.Repeat("  ", p.depth)) }

func (p *page) open(name string) {
	p.indent()
	p.put("<" + name + ">\n")
	p.depth++
}

func (p *page) close(name string) {
	p.depth--
	p.indent()
	p.put("</" + name + ">\n")
}

// leaf writes an element with a text; one without a text is left out.
func (p *page) leaf(name, text string) { p.leafWith(name, "", text) }

// leafWith writes an element whose opening tag holds an attribute as well.
func (p *page) leafWith(name, attribute, text string) {
	if text == "" {
		return
	}
	p.indent()
	p.put("<" + name + attribute + ">")
	if p.err == nil {
		p.err = xml.EscapeText(p.w, []byte(text))
	}
	p.put("</" + name + ">\n")
}

// path writes a text inside elements inside each other, "Sts/Cd".
func (p *page) path(names, text string) {
	if text == "" {
		return
	}
	list := strings.Split(names, "/")
	last := len(list) - 1
	for _, n := range list[:last] {
		p.open(n)
	}
	p.leaf(list[last], text)
	for i := last - 1; i >= 0; i-- {
		p.close(list[i])
	}
}

// counted ends a reader that gives more than its limit with an error, never silently.
type counted struct {
	r      io.Reader
	left   int64
	failed error // of what is read from, beside its end
}

var errTooLarge = bad("it is larger than %d bytes", int64(MostBytes))

func (c *counted) Read(into []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTooLarge
	}
	n, err := c.r.Read(into[:min(int64(len(into)), c.left)])
	c.left -= int64(n)
	if err != nil && err != io.EOF {
		c.failed = err
	}
	return n, err
}

// guarded hands on the tokens of a file and refuses what no bank's file needs: document types, entities, processing
// instructions, deep nesting, long texts.
type guarded struct {
	from  *counted
	inner *xml.Decoder
	depth int
}

func (g *guarded) Token() (xml.Token, error) {
	t, err := g.inner.Token()
	if err != nil {
		return nil, g.fault(err)
	}
	switch t := t.(type) {
	case xml.Directive:
		return nil, bad("it declares a document type; files of banks have none")
	case xml.ProcInst:
		if t.Target != "xml" {
			return nil, bad("it holds a processing instruction %q", t.Target)
		}
	case xml.CharData:
		if len(t) > mostText {
			return nil, bad("a text is longer than %d bytes", mostText)
		}
	case xml.StartElement:
		g.depth++
		if err := g.fits(t); err != nil {
			return nil, err // A token beside an error would hide it.
		}
	case xml.EndElement:
		g.depth--
	}
	return t, nil
}

// fault keeps what the disk or network said as it is, and makes all else the file's.
func (g *guarded) fault(err error) error {
	if g.from.failed != nil || err == io.EOF || errors.Is(err, ErrFile) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrFile, err)
}

func (g *guarded) fits(t xml.StartElement) error {
	if g.depth > mostDepth {
		return bad("its elements are nested deeper than %d", mostDepth)
	}
	for _, a := range t.Attr {
		if len(a.Value) > mostText {
			return bad("an attribute of %s is longer than %d bytes", t.Name.Local, mostText)
		}
	}
	return nil
}

// source reads a message element by element.
type source struct {
	*xml.Decoder
	Message string // "pacs.002.001.11"
	root    string
}

// openXML reads up to the message itself, which must be one of the wanted, given
// without their versions: "pacs.002" → root element.
func openXML(r io.Reader, wanted map[string]string) (*source, error) {
	from := &counted{r: r, left: MostBytes}
	s := &source{Decoder: xml.NewTokenDecoder(&guarded{from: from, inner: xml.NewDecoder(from)})}
	document, err := s.next()
	if err != nil {
		return nil, err
	}
	if document == nil || document.Name.Local != "Document" {
		return nil, bad("it is no ISO 20022 document")
	}
	s.Message, _ = strings.CutPrefix(document.Name.Space, family)
	if len(s.Message) >= 8 {
		s.root = wanted[s.Message[:8]]
	}
	body, err := s.next()
	if err != nil {
		return nil, err
	}
	if s.root == "" || body == nil || body.Name.Local != s.root {
		return nil, bad("it holds %q, which is not expected here", s.Message)
	}
	return s, nil
}

// next gives the next element inside the one that is open, or nil at its end.
func (s *source) next() (*xml.StartElement, error) {
	for {
		t, err := s.Token()
		if err != nil {
			return nil, broken(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			start := t.Copy()
			return &start, nil
		case xml.EndElement:
			return nil, nil
		}
	}
}

// each calls use for each element of the message and reads on to the end of the
// file; what use does not take is skipped.
func (s *source) each(use func(start *xml.StartElement) (taken bool, err error)) error {
	for {
		start, err := s.next()
		if err != nil {
			return err
		}
		if start == nil {
			return s.finish()
		}
		taken, err := use(start)
		if err == nil && !taken {
			err = s.Skip()
		}
		if err != nil {
			return broken(err)
		}
	}
}

// finish sees that nothing follows the message.
func (s *source) finish() error {
	if extra, err := s.next(); err != nil || extra != nil {
		return errors.Join(err, when(extra != nil, "it holds more than one message"))
	}
	for {
		t, err := s.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		if _, more := t.(xml.StartElement); more {
			return bad("something follows the document")
		}
	}
}

func when(wrong bool, text string) error {
	if wrong {
		return bad("%s", text)
	}
	return nil
}

// broken makes an end in the middle and what does not fit a struct the file's fault; an error of the disk or network
// stays what it is.
func broken(err error) error {
	var unmarshal xml.UnmarshalError
	var syntax *xml.SyntaxError
	if err == io.EOF || errors.As(err, &unmarshal) || errors.As(err, &syntax) && !errors.Is(err, ErrFile) {
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	return err
}
