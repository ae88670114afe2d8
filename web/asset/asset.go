// Package asset serves the style sheet, the scripts and the icon of the pages.
// Each is named by its content, so that browsers may keep it for a year and a
// new version is seen at once.
package asset

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// Prefix is where the handler must be mounted.
const Prefix = "/assets/"

//go:embed *.css *.js *.svg
var files embed.FS

type file struct {
	content []byte
	kind    string
}

var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// named maps "style.1f2e3d4c5b6a.css" to its file, and paths "style.css" to its address.
var named, paths = func() (map[string]file, map[string]string) {
	named, paths := map[string]file{}, map[string]string{}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		panic(fmt.Sprintf("asset: the files are built in: %v", err))
	}
	for _, e := range entries {
		content, err := files.ReadFile(e.Name())
		if err != nil {
			panic(fmt.Sprintf("asset: %s is built in: %v", e.Name(), err))
		}
		sum := sha256.Sum256(content)
		ext := path.Ext(e.Name())
		name := strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		named[name] = file{content, kinds[ext]}
		paths[e.Name()] = Prefix + name
	}
	return named, paths
}()

// Path gives the address of a file by its plain name, such as "style.css". A
// name that does not exist gives "": a test renders every page and sees it.
func Path(name string) string { return paths[name] }

// Content gives a file by its plain name; nil when there is none.
func Content(name string) []byte {
	return named[strings.TrimPrefix(paths[name], Prefix)].content
}

// Serve answers GET Prefix + name; anything but a current name is 404, told by missing.
func Serve(missing http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := named[strings.TrimPrefix(r.URL.Path, Prefix)]
		if !ok {
			missing.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", f.kind)
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Write(f.content)
	})
}
