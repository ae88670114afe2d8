package courier

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
)

// MostLetter is the largest file that is taken in, in bytes.
const MostLetter = 64 << 20

// Letter is a file that lies in the inbox.
type Letter struct {
	Name     string
	Size     int64
	Modified time.Time
}

// Waiting lists the files of the inbox, at most limit, by name. What others still
// write there under names of their own (.part, .tmp, names with a dot before) and
// digest files are left out. An inbox that is missing is empty.
func (b *Box) Waiting(limit int) (out []Letter, err error) {
	list, err := b.tree.List(b.in)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("courier: %s%s: %w", b.where, b.in, err)
	}
	for _, info := range list {
		name := info.Name()
		if !info.Mode().IsRegular() || strings.HasPrefix(name, ".") || unfinished(name) || len(out) >= limit {
			continue
		}
		out = append(out, Letter{name, info.Size(), info.ModTime()})
	}
	return out, nil
}

func unfinished(name string) bool {
	for _, suffix := range []string{partSuffix, digestSuffix, ".tmp", ".filepart", ".reason"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// Fetch reads a letter and gives its digest. A digest file beside it must agree,
// ErrDigest; whole says that there is one and it agrees, so that the letter is
// known to be complete.
func (b *Box) Fetch(ctx context.Context, l Letter) (content []byte, digest string, whole bool, err error) {
	from := path.Join(b.in, l.Name)
	in, err := b.tree.Open(from)
	if err != nil {
		return nil, "", false, fmt.Errorf("courier: %s%s: %w", b.where, from, err)
	}
	content, err = io.ReadAll(io.LimitReader(reading{ctx, in}, MostLetter+1))
	if err = errors.Join(err, in.Close()); err != nil {
		return nil, "", false, fmt.Errorf("courier: %s%s: %w", b.where, from, err)
	}
	sum := sha256.Sum256(content)
	digest = hex.EncodeToString(sum[:])
	said, err := b.small(from + digestSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return content, digest, false, nil
	}
	if err != nil {
		return nil, "", false, fmt.Errorf("courier: %s%s: %w", b.where, from+digestSuffix, err)
	}
	word, _, _ := strings.Cut(strings.TrimSpace(string(said)), " ")
	if !strings.EqualFold(word, digest) {
		return content, digest, false, fmt.Errorf("%w: %s beside it says %s", ErrDigest, l.Name+digestSuffix, word)
	}
	return content, digest, true, nil
}

// Done puts a letter away that was taken in.
func (b *Box) Done(l Letter, digest string) error { return b.putAway(l, digest, "done", "") }

// Failed puts a letter away that cannot be taken in, with the reason in a file beside it.
func (b *Box) Failed(l Letter, digest, reason string) error {
	return b.putAway(l, digest, "failed", reason)
}

// putAway moves a letter, and its digest file, below its inbox. The digest in its new name keeps a later letter of the
// same name from covering it. What is gone already was put away by somebody else.
func (b *Box) putAway(l Letter, digest, shelf, reason string) error {
	folder := path.Join(b.in, shelf)
	if err := b.tree.Make(folder); err != nil {
		return fmt.Errorf("courier: %s%s: %w", b.where, folder, err)
	}
	from, to := path.Join(b.in, l.Name), path.Join(folder, l.Name+"."+digest[:min(12, len(digest))])
	if reason != "" {
		if err := b.write(to+".reason", []byte(reason+"\n")); err != nil {
			return fmt.Errorf("courier: %s%s: %w", b.where, to, err)
		}
	}
	err := b.tree.Rename(from, to)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("courier: %s%s: %w", b.where, from, err)
	}
	if err := b.tree.Rename(from+digestSuffix, to+digestSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("courier: %s%s: %w", b.where, from, err)
	}
	return b.tree.SyncFolder(folder)
}
