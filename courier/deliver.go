package courier

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path"
	"strings"
	"tolom/flaw"
)

// File is what is carried.
type File struct {
	Name    string // without folders
	Size    int64
	SHA256  string // hex
	Content io.ReaderAt
}

// Receipt is the proof of a delivery.
type Receipt struct {
	Path     string // where it lies
	Size     int64
	SHA256   string
	Resumed  int64 // bytes that an earlier attempt had brought
	Repeated bool  // it lay there already
}

// Box is where files go and where answers come from.
type Box struct {
	tree    tree
	out, in string
	where   string // for receipts and messages: "sftp://user@host/"
}

// Folder opens a folder of this machine. root is made when it is missing; out and in
// are folders below it.
func Folder(root, out, in string) (*Box, error) {
	t, err := openLocal(root)
	if err != nil {
		return nil, err
	}
	return &Box{tree: t, out: path.Clean(out), in: path.Clean(in), where: strings.TrimSuffix(root, "/") + "/"}, nil
}

// Close ends the connection, if there is one.
func (b *Box) Close() error { return b.tree.Close() }

// The names beside a file: what is still on its way, and its digest.
const (
	partSuffix   = ".part"
	digestSuffix = ".sha256"
)

// Deliver brings a file. It is safe to repeat after any failure, also one whose
// outcome nobody knows. The file appears under its name only when all of it lies
// there and its digest was read back; its digest is beside it before.
func (b *Box) Deliver(ctx context.Context, f File) (r Receipt, err error) {
	if strings.ContainsAny(f.Name, "/\\\x00") || f.Name == "" || strings.HasPrefix(f.Name, ".") {
		return r, fmt.Errorf("%w: %q is no name of a file", ErrSettings, f.Name)
	}
	to := path.Join(b.out, f.Name)
	r = Receipt{Path: b.where + to, Size: f.Size, SHA256: f.SHA256}
	if err := b.tree.Make(b.out); err != nil {
		return r, fmt.Errorf("courier: %s%s: %w", b.where, b.out, err)
	}
	if there, err := b.there(ctx, to, f); there || err != nil {
		r.Repeated = there
		return r, err
	}
	part := to + partSuffix
	if flaw.Has(flaw.FileUnfinished) {
		part = to
	}
	if r.Resumed, err = b.bring(ctx, part, f); err != nil {
		return r, fmt.Errorf("courier: %s%s: %w", b.where, to+partSuffix, err)
	}
	if err := b.show(ctx, to, f); err != nil {
		return r, fmt.Errorf("courier: %s%s: %w", b.where, to, err)
	}
	return r, nil
}

// there says whether the file lies there already, with its digest; another content is refused.
func (b *Box) there(ctx context.Context, to string, f File) (bool, error) {
	info, err := b.tree.Stat(to)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("courier: %s%s: %w", b.where, to, err)
	}
	if info.Size() == f.Size {
		sum, err := b.digest(ctx, to, f.Size)
		if err != nil {
			return false, fmt.Errorf("courier: %s%s: %w", b.where, to, err)
		}
		if sum == f.SHA256 {
			return true, b.sign(to, f)
		}
	}
	return false, fmt.Errorf("%w: %s%s", ErrTaken, b.where, to)
}

// bring writes what is missing of the file into its part.
func (b *Box) bring(ctx context.Context, part string, f File) (resumed int64, err error) {
	if resumed, err = b.begun(ctx, part, f); err != nil {
		return 0, err
	}
	out, err := b.tree.Append(part, resumed)
	if err != nil {
		return resumed, err
	}
	rest := io.NewSectionReader(f.Content, resumed, f.Size-resumed)
	_, err = io.Copy(writerOnly{out}, reading{ctx, rest})
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return resumed, err
	}
	sum, err := b.digest(ctx, part, f.Size+1)
	if err == nil && sum != f.SHA256 {
		// What lies there is no beginning of the file, so the next attempt starts anew.
		err = errors.Join(fmt.Errorf("%w: %s was sent, %s lies there", ErrDigest, f.SHA256, sum), b.tree.Remove(part))
	}
	return resumed, err
}

// begun says how much of the part is a beginning of the file; a part that is none counts for nothing.
func (b *Box) begun(ctx context.Context, part string, f File) (int64, error) {
	info, err := b.tree.Stat(part)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil || info.Size() == 0 || info.Size() > f.Size {
		return 0, err
	}
	there, err := b.digest(ctx, part, info.Size())
	if err != nil {
		return 0, err
	}
	ours := sha256.New()
	if _, err := io.Copy(ours, io.NewSectionReader(f.Content, 0, info.Size())); err != nil {
		return 0, err
	}
	if there != hexOf(ours) {
		return 0, nil
	}
	return info.Size(), nil
}

// show puts the digest beside the file's place and then gives the part its name.
func (b *Box) show(ctx context.Context, to string, f File) error {
	if err := b.sign(to, f); err != nil {
		return err
	}
	// Nobody may have put another file there meanwhile.
	if there, err := b.there(ctx, to, f); there || err != nil {
		return errors.Join(err, b.tree.Remove(to+partSuffix))
	}
	if err := b.tree.Rename(to+partSuffix, to); err != nil {
		return err
	}
	return b.tree.SyncFolder(b.out)
}

// sign writes the digest file, in the form that sha256sum --check reads.
func (b *Box) sign(to string, f File) error {
	text := []byte(f.SHA256 + "  " + f.Name + "\n")
	if kept, err := b.small(to + digestSuffix); err == nil && bytes.Equal(kept, text) {
		return nil
	}
	return b.write(to+digestSuffix, text)
}

// write puts a small file in place in one step.
func (b *Box) write(to string, text []byte) error {
	out, err := b.tree.Append(to+partSuffix, 0)
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	return b.tree.Rename(to+partSuffix, to)
}

// digest reads at most that many bytes of a file.
func (b *Box) digest(ctx context.Context, path string, most int64) (string, error) {
	in, err := b.tree.Open(path)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, io.LimitReader(reading{ctx, in}, most))
	return hexOf(sum), errors.Join(err, in.Close())
}

func (b *Box) small(path string) ([]byte, error) {
	in, err := b.tree.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(in, 1<<10))
	return text, errors.Join(err, in.Close())
}

func hexOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// reading stops between two pieces when its context ends.
type reading struct {
	ctx context.Context
	r   io.Reader
}

func (r reading) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// writerOnly hides a file's own way of copying, which would send pieces side by side and leave holes when it breaks off.
type writerOnly struct{ io.Writer }
