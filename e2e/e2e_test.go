// Package e2e plays the platform in a real browser. Every script *.test.mjs of this folder gets a demo of its own
// with an empty database; e2e/browser.mjs holds what the scripts share.
package e2e

import (
	"net/http/httptest"
	"path/filepath"
	"testing"

	"tolom/internal/browsertest"
	"tolom/web/storybook"
)

func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("*.test.mjs")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts found: %v", err)
	}
	for _, script := range scripts {
		t.Run(script, func(t *testing.T) {
			browsertest.Run(t, browsertest.Start(t), script)
		})
	}
}

// TestScreenshots takes the pictures that the documents show. `make screenshots` keeps them in docs/images.
func TestScreenshots(t *testing.T) {
	browsertest.Run(t, browsertest.Start(t), "screenshots.mjs")
}

// TestFaces looks at every screen of the storybook as people do who see little, hear the page, or use a keyboard.
func TestFaces(t *testing.T) {
	pages := httptest.NewServer(storybook.Handler())
	t.Cleanup(pages.Close)
	browsertest.Walk(t, pages.URL+"/", "faces.mjs")
}
