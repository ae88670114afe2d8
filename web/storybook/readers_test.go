package storybook

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tolom/web/locale"
)

// document is a page as a screen reader walks it.
type document struct {
	t     *testing.T
	all   []*html.Node
	byID  map[string]*html.Node
	label map[string]bool // ids that a label is for
}

func read(t *testing.T, page string) *document {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	d := &document{t: t, byID: map[string]*html.Node{}, label: map[string]bool{}}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		d.all = append(d.all, n)
		if id := attr(n, "id"); id != "" {
			d.byID[id] = n
		}
		if n.Data == "label" && strings.TrimSpace(textOf(n)) != "" {
			d.label[attr(n, "for")] = true
		}
	}
	return d
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// textOf is what is heard of an element.
func textOf(n *html.Node) string {
	var b strings.Builder
	if label := attr(n, "aria-label"); label != "" {
		return label
	}
	for x := range n.Descendants() {
		if x.Type == html.TextNode {
			b.WriteString(x.Data)
		} else if x.Data == "img" {
			b.WriteString(attr(x, "alt"))
		}
	}
	return b.String()
}

func within(n *html.Node, name string) bool {
	for p := range n.Ancestors() {
		if p.Data == name {
			return true
		}
	}
	return false
}

// labelled says whether somebody who does not see a field is told what it is.
func (d *document) labelled(n *html.Node) bool {
	return d.label[attr(n, "id")] && attr(n, "id") != "" || attr(n, "aria-label") != "" || within(n, "label")
}

// TestScreensAreReadAloud walks every screen as a screen reader does: fields, buttons and links have names, whatever points
// to something points to what is there, headings go down a step at a time, and landmarks can be told apart.
func TestScreensAreReadAloud(t *testing.T) {
	drawn(t, func(t *testing.T, _ Screen, _ locale.Lang, page string) {
		d := read(t, page)
		d.fields()
		d.names()
		d.pointers()
		d.headings()
		d.landmarks()
	})
}

func (d *document) fields() {
	for _, n := range d.all {
		if !slices.Contains([]string{"input", "select", "textarea", "progress", "meter"}, n.Data) || attr(n, "type") == "hidden" {
			continue
		}
		if !d.labelled(n) {
			d.t.Errorf("a field without a label: <%s name=%q id=%q>", n.Data, attr(n, "name"), attr(n, "id"))
		}
		if has(n, "aria-invalid") && attr(n, "aria-invalid") != "true" {
			d.t.Errorf("aria-invalid without a value says that %q is right", attr(n, "name"))
		}
		if kind := attr(n, "type"); (kind == "radio") && !within(n, "fieldset") {
			d.t.Errorf("%q is one of several, and nothing says of what", attr(n, "value"))
		}
	}
}

func (d *document) names() {
	for _, n := range d.all {
		switch n.Data {
		case "a", "button", "summary", "h1", "h2", "h3", "th", "legend", "caption", "title":
			if strings.TrimSpace(textOf(n)) == "" && !has(n, "data-key") && !has(n, "data-failed") {
				d.t.Errorf("nothing to read in <%s class=%q>", n.Data, attr(n, "class"))
			}
		case "img":
			if !has(n, "alt") {
				d.t.Error("a picture without words")
			}
		case "svg":
			if attr(n, "aria-hidden") != "true" && attr(n, "role") != "img" {
				d.t.Errorf("a drawing is neither hidden nor named: %v", n.Attr)
			}
		case "table":
			if !slices.ContainsFunc(slices.Collect(n.Descendants()), func(x *html.Node) bool { return x.Data == "th" && has(x, "scope") }) {
				d.t.Error("a table without heads")
			}
		}
	}
}

func (d *document) pointers() {
	for _, n := range d.all {
		for _, name := range []string{"aria-describedby", "aria-labelledby", "for"} {
			for _, id := range strings.Fields(attr(n, name)) {
				if d.byID[id] == nil {
					d.t.Errorf("<%s> %s names %q, which is not there", n.Data, name, id)
				}
			}
		}
		if attr(n, "id") == "wrong" {
			for a := range n.Descendants() {
				if to := strings.TrimPrefix(attr(a, "href"), "#"); a.Data == "a" && d.byID[to] == nil {
					d.t.Errorf("what was wrong leads to %q, which is not there", to)
				}
			}
		}
	}
}

func (d *document) headings() {
	last, first := 0, 0
	for _, n := range d.all {
		if len(n.Data) != 2 || n.Data[0] != 'h' || n.Data[1] < '1' || n.Data[1] > '6' {
			continue
		}
		level := int(n.Data[1] - '0')
		if level == 1 {
			first++
		}
		if level > last+1 && last != 0 {
			d.t.Errorf("from a heading of level %d to one of %d: %q", last, level, textOf(n))
		}
		last = level
	}
	if first != 1 {
		d.t.Errorf("%d main headings", first)
	}
}

func (d *document) landmarks() {
	count, navs := map[string]int{}, map[string]bool{}
	for _, n := range d.all {
		if (n.Data == "header" || n.Data == "footer") && (within(n, "main") || within(n, "article")) || n.Data == "title" && within(n, "svg") {
			continue
		}
		count[n.Data]++
		if n.Data == "nav" {
			name := textOf(n)
			if attr(n, "aria-label") == "" || navs[name] {
				d.t.Errorf("two navigations are called %q, or one has no name", attr(n, "aria-label"))
			}
			navs[name] = true
		}
	}
	for _, name := range []string{"header", "main", "footer", "title"} {
		if count[name] != 1 {
			d.t.Errorf("%d elements %s", count[name], name)
		}
	}
}
