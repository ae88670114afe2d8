package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tolom/seal"
	"tolom/trail"
)

// published is a log as anybody may read it: at the platform's address, or from a folder with the same files.
type published struct {
	root string
	http *http.Client
}

// largestFile is far above any file of a published log: a tile has 8 KiB, a proof about 2.
const largestFile = 64 << 10

// errAbsent says that a published log does not have a file.
var errAbsent = errors.New("it is not there")

// openPublished takes the address of a platform, of its log, or the folder of a copy.
func openPublished(where string, deeds bool) published {
	if strings.HasPrefix(where, "http://") || strings.HasPrefix(where, "https://") {
		where = strings.TrimRight(where, "/")
		if !strings.HasSuffix(where, "/log") && !strings.Contains(where, "/log/") {
			where += "/log"
		}
		if deeds {
			where += "/deeds"
		}
		return published{root: where, http: &http.Client{Timeout: 30 * time.Second}}
	}
	return published{root: where}
}

// file reads one file of the log.
func (p published) file(ctx context.Context, name string) ([]byte, error) {
	if p.http == nil {
		text, err := os.ReadFile(filepath.Join(p.root, filepath.FromSlash(name)))
		if errors.Is(err, os.ErrNotExist) {
			err = fmt.Errorf("%s: %w", filepath.Join(p.root, filepath.FromSlash(name)), errAbsent)
		}
		return text, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.root+"/"+name, nil)
	if err != nil {
		return nil, err
	}
	response, err := p.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, largestFile))
	switch {
	case err != nil:
		return nil, err
	case response.StatusCode == http.StatusNotFound:
		return nil, fmt.Errorf("%s/%s: %w: %s", p.root, name, errAbsent, shortened(text))
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s/%s: %s: %s", p.root, name, response.Status, shortened(text))
	}
	return text, nil
}

// shortened is what an answer says, for a message in one line.
func shortened(text []byte) string {
	return strings.Join(strings.Fields(printable(string(text[:min(len(text), 300)]))), " ")
}

// printable leaves out what would move a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

// newest opens the newest checkpoint.
func (p published) newest(ctx context.Context, keys []seal.PublicKey) (text string, c trail.Checkpoint, err error) {
	b, err := p.file(ctx, trail.CheckpointName)
	if err != nil {
		return "", c, fmt.Errorf("no checkpoint: %w", err)
	}
	c, err = trail.Open(string(b), keys)
	if err != nil {
		err = fmt.Errorf("the newest checkpoint of %s: %w", p.root, err)
	}
	return string(b), c, err
}

// tiles reads the hashes of the log with so many lines. Nobody's word is taken for them: proofs that are made of wrong ones
// lead nowhere.
func (p published) tiles(ctx context.Context, size int64) func(trail.Name) (trail.Tile, error) {
	return func(n trail.Name) (trail.Tile, error) {
		b, err := p.file(ctx, trail.Path(n, n.WidthIn(size)))
		return trail.Tile{Level: n.Level, Number: n.Number, Hashes: trail.Unpack(b)}, err
	}
}
