package page

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
)

//go:embed asset/*
var assets embed.FS

var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// version names the content of all assets, so that browsers may keep them and yet see a new version at once.
var version = func() string {
	sum := sha256.New()
	entries, _ := fs.ReadDir(assets, "asset")
	for _, e := range entries {
		content, _ := assets.ReadFile("asset/" + e.Name())
		sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}()

// Asset answers with the style sheet, script or icon named by the last element of the path; 404 for others.
func Asset(w http.ResponseWriter, r *http.Request) {
	name := path.Base(r.URL.Path)
	content, err := assets.ReadFile("asset/" + name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kinds[path.Ext(name)])
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(content)
}
