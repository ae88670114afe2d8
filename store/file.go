package store

import (
	"context"
	"time"

	"tolom/id"
)

// CentralBank stands for the central bank where files name an owner: it is no participant.
const CentralBank id.ID = "par_00000000000000000000000000"

// FileStatus is where a file stands.
type FileStatus string

// The states of a file.
const (
	FilePlanned   FileStatus = "planned"   // it is to be made; Reason says why it could not be
	FileReady     FileStatus = "ready"     // made; it is to be delivered, or fetched
	FileDelivered FileStatus = "delivered" // it lies where it belongs, see Place
	FileStuck     FileStatus = "stuck"     // it cannot be delivered before somebody has looked, see Reason
	FileTaken     FileStatus = "taken"     // of an answer: what it says was done
	FileRefused   FileStatus = "refused"   // of an answer: it was not used, see Reason
)

// File is one that the platform makes of a closed day, or was sent as an answer. What
// is made is not kept: it can be made again from the day, equal by its digest.
type File struct {
	ID    id.ID
	Claim string // what there is one file for: the name of one that is made, the digest of an answer
	Owner id.ID  // the participant it is for or from, or CentralBank
	Day   string // "2026-11-24"; of an answer the answered file's
	Kind  string // "transfers", "credits", "records", "answer"
	Name  string // as it lies in folders
	// Message is the id by which answers name an ISO 20022 message; of an answer, the one it names.
	Message   string
	Settings  string // what it is made with beside the day, as JSON, so that later changes do not change it
	Size      int64
	SHA256    string
	Status    FileStatus
	Reason    string
	Place     string // where it was delivered to
	Content   string // of an answer
	Attempts  int
	NextAt    time.Time // when it is tried next; zero: nothing is to be done
	CreatedAt time.Time // also the time that is written into it
	EndedAt   time.Time // delivered, taken or refused
	Version   int64
}

// Files keeps what files there are.
type Files interface {
	// AddFile writes a file unless there is one of the same claim, whose id must have the
	// bucket of the claim; it gives the one that is kept and whether it was made now.
	AddFile(ctx context.Context, f File) (kept File, made bool, err error)
	// File gives a file; ErrNotFound.
	File(ctx context.Context, file id.ID) (File, error)
	// FileOfMessage gives the made file by its message; ErrNotFound.
	FileOfMessage(ctx context.Context, message string) (File, error)
	// FilesBy lists files, newest first.
	FilesBy(ctx context.Context, f FileFilter) ([]File, error)
	// DueFiles gives files to be tried at a moment, those that wait longest first.
	DueFiles(ctx context.Context, now time.Time, limit int) ([]File, error)
	// PutFile writes a file as loaded but for what changed. ErrRetry when it was changed meanwhile.
	PutFile(ctx context.Context, f File) error
}

// FileFilter picks files. Zero fields do not filter.
type FileFilter struct {
	Owner  id.ID
	Day    string
	Kind   string
	Status FileStatus
	Before id.ID
	Limit  int
}

// Destination says where an owner's files go and where its answers come from.
type Destination struct {
	ID         id.ID  // the owner: a participant or CentralBank
	Kind       string // "sftp", "folder" or "none": they are fetched
	Address    string // host:port
	Login      string
	HostKey    string // the server's, pinned
	PrivateKey string // ours, as access.Vault keeps it
	Folder     string // where files go
	Inbox      string // where answers come from; empty: from nowhere
	Latin      bool   // names in Latin letters
	CreatedAt  time.Time
}
