package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tolom/id"
)

func copyFile(f File) File {
	f.NextAt, f.CreatedAt, f.EndedAt = whole(f.NextAt), whole(f.CreatedAt), whole(f.EndedAt)
	return f
}

func copyDestination(d Destination) Destination { d.CreatedAt = whole(d.CreatedAt); return d }

// destinationKind says how a Memory keeps destinations.
func destinationKind() kind[Destination] {
	return kind[Destination]{id: func(d Destination) id.ID { return d.ID }, owner: func(Destination) id.ID { return "" }, copy: copyDestination}
}

// Destinations keeps where files go.
func (m *Memory) Destinations() Shelf[Destination] {
	return memoryShelf[Destination]{m, func(t *tables) *rack[Destination] { return &t.desk.destinations }}
}

// AddFile keeps a file, or gives the one of the same claim.
func (m *Memory) AddFile(ctx context.Context, f File) (kept File, made bool, err error) {
	err = m.write(ctx, func(t *tables) error {
		for _, other := range t.files {
			if other.Claim == f.Claim {
				kept = other
				return nil
			}
		}
		if _, there := t.files[f.ID]; there {
			return ErrTaken
		}
		kept, made = copyFile(f), true
		t.files[f.ID] = kept
		return nil
	})
	return kept, made, err
}

// File gives a file.
func (m *Memory) File(ctx context.Context, name id.ID) (File, error) {
	return read(ctx, m, func(t *tables) (File, error) { return row(t.files, name) })
}

// FileOfMessage gives the made file by its message.
func (m *Memory) FileOfMessage(ctx context.Context, message string) (File, error) {
	return read(ctx, m, func(t *tables) (File, error) {
		found := t.filesWith(func(f File) bool { return f.Message == message && f.Kind != "answer" })
		if len(found) == 0 {
			return File{}, ErrNotFound
		}
		return found[0], nil
	})
}

// filesWith gives some files by id.
func (t *tables) filesWith(fits func(File) bool) (out []File) {
	for _, f := range t.files {
		if fits(f) {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b File) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// FilesBy lists files, newest first.
func (m *Memory) FilesBy(ctx context.Context, f FileFilter) ([]File, error) {
	return read(ctx, m, func(t *tables) ([]File, error) {
		out := t.filesWith(func(x File) bool {
			return (f.Owner == "" || x.Owner == f.Owner) && (f.Day == "" || x.Day == f.Day) && (f.Kind == "" || x.Kind == f.Kind) &&
				(f.Status == "" || x.Status == f.Status) && (f.Before == "" || x.ID < f.Before)
		})
		slices.Reverse(out)
		return out[:min(len(out), f.Limit)], nil
	})
}

// DueFiles gives files to be tried.
func (m *Memory) DueFiles(ctx context.Context, now time.Time, limit int) ([]File, error) {
	return read(ctx, m, func(t *tables) ([]File, error) {
		out := t.filesWith(func(f File) bool { return !f.NextAt.IsZero() && !f.NextAt.After(now) })
		slices.SortStableFunc(out, func(a, b File) int { return a.NextAt.Compare(b.NextAt) })
		return out[:min(len(out), limit)], nil
	})
}

// PutFile writes a file. It waits while a transaction of the engine decides by it, as with PostgreSQL.
func (m *Memory) PutFile(ctx context.Context, f File) error {
	held := errors.New("store: a transaction has the file")
	for {
		var name lock
		err := m.write(ctx, func(t *tables) error {
			old, err := row(t.files, f.ID)
			if name = lockOfFile(old.Message); err == nil && m.inside == nil && !m.locks.free(name) {
				return held
			}
			return t.putFile(old, f, err)
		})
		if !errors.Is(err, held) {
			return err
		}
		if err := m.wait(ctx, func() bool { return m.locks.free(name) }); err != nil {
			return err
		}
	}
}

func (t *tables) putFile(old, f File, missing error) error {
	if missing != nil || old.Version != f.Version {
		return fmt.Errorf("%w: another node has written the file", ErrRetry)
	}
	f = copyFile(f)
	f.Claim, f.Owner, f.Kind, f.Name, f.Settings, f.Content, f.CreatedAt = old.Claim, old.Owner, old.Kind, old.Name, old.Settings, old.Content, old.CreatedAt
	f.Version++
	t.files[f.ID] = f
	return nil
}

func lockOfFile(message string) lock { return lock{table: fileLock, name: message} }

// lockFiles locks the made files that needs name, in order of their messages.
func (x *memoryTx) lockFiles(ctx context.Context, needs []Need) error {
	l := loader{needs: needs}
	for _, message := range l.messages() {
		if err := x.lock(ctx, lockOfFile(message)); err != nil {
			return err
		}
	}
	return nil
}

// neededFiles gives the made files that needs name, by their messages.
func (t *tables) neededFiles(needs []Need) map[string]File {
	wanted := (&loader{needs: needs}).messages()
	if len(wanted) == 0 {
		return nil
	}
	out := map[string]File{}
	for _, f := range t.filesWith(func(f File) bool { return f.Kind != "answer" && slices.Contains(wanted, f.Message) }) {
		out[f.Message] = f
	}
	return out
}
