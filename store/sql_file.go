package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"tolom/id"
	"tolom/store/internal/db"
)

var fileTable = db.NewTable("file",
	db.String("id", func(f *File) *string { return (*string)(&f.ID) }),
	db.Derived("bucket", func(f *File) int64 { return int64(f.ID.Bucket()) }),
	db.String("claim", func(f *File) *string { return &f.Claim }),
	db.String("owner", func(f *File) *string { return (*string)(&f.Owner) }),
	db.String("day", func(f *File) *string { return &f.Day }).Mutable(),
	db.String("kind", func(f *File) *string { return &f.Kind }),
	db.String("name", func(f *File) *string { return &f.Name }),
	db.String("message", func(f *File) *string { return &f.Message }).Mutable(),
	db.String("settings", func(f *File) *string { return &f.Settings }),
	db.Int64("size", func(f *File) *int64 { return &f.Size }).Mutable(),
	db.String("sha256", func(f *File) *string { return &f.SHA256 }).Mutable(),
	db.String("status", func(f *File) *string { return (*string)(&f.Status) }).Mutable(),
	db.String("reason", func(f *File) *string { return &f.Reason }).Mutable(),
	db.String("place", func(f *File) *string { return &f.Place }).Mutable(),
	db.String("content", func(f *File) *string { return &f.Content }),
	db.Int("attempts", func(f *File) *int { return &f.Attempts }).Mutable(),
	db.Time("next_at", func(f *File) *time.Time { return &f.NextAt }).Mutable(),
	db.Time("created_at", func(f *File) *time.Time { return &f.CreatedAt }),
	db.Time("ended_at", func(f *File) *time.Time { return &f.EndedAt }).Mutable(),
	db.Int64("version", func(f *File) *int64 { return &f.Version }),
)

var destinationTable = db.NewTable("destination",
	db.String("id", func(d *Destination) *string { return (*string)(&d.ID) }),
	db.Derived("bucket", func(d *Destination) int64 { return int64(d.ID.Bucket()) }),
	db.String("kind", func(d *Destination) *string { return &d.Kind }),
	db.String("address", func(d *Destination) *string { return &d.Address }),
	db.String("login", func(d *Destination) *string { return &d.Login }),
	db.String("host_key", func(d *Destination) *string { return &d.HostKey }),
	db.String("private_key", func(d *Destination) *string { return &d.PrivateKey }),
	db.String("folder", func(d *Destination) *string { return &d.Folder }),
	db.String("inbox", func(d *Destination) *string { return &d.Inbox }),
	db.Bool("latin", func(d *Destination) *bool { return &d.Latin }),
	db.Time("created_at", func(d *Destination) *time.Time { return &d.CreatedAt }),
)

// Destinations keeps where files go; they have no owner but their own id.
func (s *sqlStore) Destinations() Shelf[Destination] {
	return sqlShelf[Destination]{s, destinationTable, ""}
}

// AddFile writes a file, or reads the one of the same claim.
func (s *sqlStore) AddFile(ctx context.Context, f File) (kept File, made bool, err error) {
	if kept, err = s.fileByClaim(ctx, f.Claim); err == nil {
		return kept, false, nil
	}
	step, err := fileTable.Insert([]File{f})
	if err != nil {
		return kept, false, err
	}
	if err = db.Do(ctx, s.d, func(tx db.Tx) error { return tx.Run(ctx, step) }); err == nil {
		return f, true, nil
	}
	if kept, missing := s.fileByClaim(ctx, f.Claim); missing == nil {
		return kept, kept.ID == f.ID, nil
	}
	return kept, false, fmt.Errorf("store: add a file: %w", err)
}

func (s *sqlStore) fileByClaim(ctx context.Context, claim string) (File, error) {
	return one(fileTable.Find(ctx, s.d, "WHERE t.claim = $1 AND t.bucket = $2", claim, int64(id.BucketOf(claim))))
}

// File gives a file.
func (s *sqlStore) File(ctx context.Context, name id.ID) (File, error) {
	return one(fileTable.Find(ctx, s.d, "WHERE t.id = $1 AND t.bucket = $2", string(name), int64(name.Bucket())))
}

// FileOfMessage gives the made file by its message.
func (s *sqlStore) FileOfMessage(ctx context.Context, message string) (File, error) {
	return one(fileTable.Find(ctx, s.d, "WHERE t.message = $1 AND t.kind <> 'answer' ORDER BY t.id LIMIT 1", message))
}

// FilesBy lists files, newest first.
func (s *sqlStore) FilesBy(ctx context.Context, f FileFilter) ([]File, error) {
	var c filter
	c.where("t.id < $", cmp.Or(string(f.Before), "~")).when("t.owner = $", string(f.Owner)).when("t.day = $", f.Day).when("t.kind = $", f.Kind)
	c.when("t.status = $", string(f.Status))
	tail, args := c.tail("t.id DESC", f.Limit)
	return fileTable.Find(ctx, s.d, tail, args...)
}

// DueFiles gives files to be tried.
func (s *sqlStore) DueFiles(ctx context.Context, now time.Time, limit int) ([]File, error) {
	return fileTable.Find(ctx, s.d, "WHERE t.next_at > 0 AND t.next_at <= $1 ORDER BY t.next_at, t.id LIMIT $2", db.Millis(now), int64(limit))
}

// PutFile writes a file.
func (s *sqlStore) PutFile(ctx context.Context, f File) error {
	step, err := fileTable.Update([]File{f}, fmt.Errorf("%w: another node has written the file", ErrRetry))
	if err != nil {
		return err
	}
	return db.Do(ctx, s.d, func(tx db.Tx) error { return tx.Run(ctx, step) })
}

// lockFiles locks and reads the made files that the needs name by their messages.
func (l *loader) lockFiles() []db.Question {
	messages := l.messages()
	if len(messages) == 0 {
		return nil
	}
	return []db.Question{fileTable.Question(&l.files, "WHERE t.message = ANY($1) AND t.kind <> 'answer' ORDER BY t.id FOR NO KEY UPDATE", messages)}
}

// messages gives the distinct messages that the needs name, in order.
func (l *loader) messages() (out []string) {
	for _, n := range l.needs {
		if n.File != "" {
			out = append(out, n.File)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// filesByMessage gives the files that were read.
func (l *loader) filesByMessage() map[string]File {
	if len(l.files) == 0 {
		return nil
	}
	out := make(map[string]File, len(l.files))
	for _, f := range l.files {
		out[f.Message] = f
	}
	return out
}
